import * as parse from '../parse.js'
import type { Option } from './option.js'

/** The Entra application and its service principal. */
export const applicationOptions = {
  aadApplicationName: {
    value: '<name>',
    description: 'Display name of the Entra application',
    defaultDescription: 'built from namespace, name and issuer',
    parse: parse.displayName,
    identity: 'application',
    field: {
      path: 'identity.application.name',
      type: 'text',
      description: 'Display name of an application that azwi created, or creates.',
      docs: 'Display name of an Entra application that azwi created, or creates; name one that others created by its ID',
      identifies: 'alone'
    }
  },
  aadApplicationClientId: {
    value: '<guid>',
    description: 'Client ID of an existing Entra application',
    parse: parse.guid,
    identity: 'application',
    field: {
      path: 'identity.application.clientId',
      type: 'guid',
      description: 'Client id of an existing application.',
      identifies: 'alone'
    }
  },
  aadApplicationObjectId: {
    value: '<guid>',
    description: 'Object ID of an existing Entra application',
    parse: parse.guid,
    identity: 'application',
    field: {
      path: 'identity.application.objectId',
      type: 'guid',
      description: 'Object id of an existing application.',
      identifies: 'alone'
    }
  },
  servicePrincipalName: {
    value: '<name>',
    description: 'Display name of the service principal that gets the role',
    defaultDescription: 'the service principal of the application',
    parse: parse.displayName,
    identity: 'application',
    overrides: { delete: { description: 'Display name of the service principal whose role assignments to delete' } }
  },
  servicePrincipalObjectId: {
    value: '<guid>',
    description: 'Object ID of the service principal that gets the role',
    parse: parse.guid,
    identity: 'application',
    overrides: { delete: { description: 'Object ID of the service principal whose role assignments to delete' } }
  },
  purge: {
    description: 'Also remove the deleted application permanently; Entra otherwise keeps it for 30 days',
    parse: parse.yes
  }
} as const satisfies Record<string, Option>
