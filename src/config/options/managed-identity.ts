import * as parse from '../parse.js'
import type { Option } from './option.js'

/** The user-assigned managed identity. */
export const managedIdentityOptions = {
  managedIdentityName: {
    value: '<name>',
    description: 'Name of the user-assigned managed identity to use instead of an application',
    heading: 'Managed identity:',
    parse: parse.managedIdentityName,
    identity: 'managed-identity',
    field: {
      path: 'identity.managedIdentity.name',
      type: 'text',
      docs: 'Name of a managed identity that azwi created, or creates; name one that others created by its resource ID',
      identifies: 'together'
    }
  },
  managedIdentityResourceGroup: {
    value: '<group>',
    description: 'Resource group of the managed identity',
    heading: 'Managed identity:',
    parse: parse.resourceGroup,
    identity: 'managed-identity',
    field: { path: 'identity.managedIdentity.resourceGroup', type: 'text', identifies: 'together' }
  },
  managedIdentityLocation: {
    value: '<location>',
    description: 'Location of a new managed identity',
    defaultDescription: 'the location of its resource group',
    heading: 'Managed identity:',
    parse: parse.location,
    identity: 'managed-identity',
    field: { path: 'identity.managedIdentity.location', type: 'text' }
  },
  managedIdentityTags: {
    value: '<k=v,…>',
    description: 'Tags of a new managed identity',
    heading: 'Managed identity:',
    parse: parse.tags,
    identity: 'managed-identity',
    field: { path: 'identity.managedIdentity.tags', type: 'strings' }
  },
  managedIdentityResourceId: {
    value: '<id>',
    description: 'Resource ID of an existing managed identity, instead of its name and resource group',
    heading: 'Managed identity:',
    parse: parse.managedIdentityId,
    identity: 'managed-identity',
    field: {
      path: 'identity.managedIdentity.resourceId',
      type: 'text',
      description: 'Resource id of an existing managed identity.',
      identifies: 'alone'
    }
  }
} as const satisfies Record<string, Option>
