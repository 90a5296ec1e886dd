import * as parse from '../parse.js'
import type { Option } from './option.js'

/** The Azure roles of the identity. */
export const roleOptions = {
  azureRole: {
    value: '<role>',
    description: 'Azure role to assign: its name, GUID or resource ID',
    parse: parse.role,
    overrides: {
      delete: {
        description: 'Azure role whose assignments to delete: its name, GUID or resource ID',
        defaultDescription: 'every role'
      }
    }
  },
  azureScope: {
    value: '<scope>',
    description: 'Scope of the role assignment: a resource ID, `rg:<group>`, or `sub:` for the subscription',
    parse: parse.scope,
    overrides: {
      delete: {
        description:
          'Scope whose role assignments to delete: a resource ID, `rg:<group>`, or `sub:` for the subscription',
        defaultDescription: 'every scope'
      }
    }
  },
  grant: {
    value: '<role>=<scope>',
    description: 'A role and its scope in one flag, such as `--grant "Reader=rg:my-group"`; can be repeated',
    repeatable: true,
    parse: parse.grant,
    overrides: {
      delete: {
        description:
          'A role and scope whose assignment to delete, such as `--grant "Reader=rg:my-group"`; can be repeated'
      }
    },
    field: {
      path: 'roles',
      type: 'roles',
      docs: 'List of role assignments, each with `role` (name, GUID or resource ID) and `scope` (resource ID, `rg:<group>` or `sub:`)'
    }
  },
  roleAssignmentId: {
    value: '<id>',
    description: 'Resource ID of one role assignment to delete',
    defaultDescription: 'the role assignments of the identity',
    parse: parse.roleAssignmentId
  }
} as const satisfies Record<string, Option>
