import { allInOrder } from '../async.js'
import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import type { ResourceGroup } from '../clients/arm/resource-manager.js'
import type { OptionName } from '../config/options.js'
import { managedIdentityTag } from '../domain/marks.js'
import { AzwiError, shellQuoted } from '../errors.js'
import { managedIdentityId, type ManagedIdentityReference, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { Context } from '../context.js'
import { namesIdentity } from '../identities/choice.js'
import {
  findManagedIdentity,
  managedIdentityIdentity,
  managedIdentityNotFound,
  referenceOf
} from '../identities/managed-identity.js'
import { type Action, type Change, type IdentityPhase, type ObjectKind, reportOnly } from '../engine/phase.js'
import { checkAdoption } from '../ownership/adoption.js'
import { decideDeletion, deletionServices } from '../ownership/for-delete.js'
import { subjectOptions } from '../identities/subject.js'

const options: readonly OptionName[] = [
  'managedIdentityName',
  'managedIdentityResourceGroup',
  'managedIdentityResourceId'
]

const managedIdentityKind: ObjectKind = {
  noun: 'managed identity',
  resultField: 'identity',
  identity: 'managed-identity',
  reference: ({ name }) => `managedidentity/${name ?? ''}`
}

/** Finds the user-assigned managed identity, or creates it. It needs no permissions in the directory. */
export const managedIdentity: IdentityPhase = {
  name: 'managed-identity',
  alias: 'mi',
  summary: 'the managed identity, in place of an application, where one is named',
  provides: 'managed-identity',
  objects: [managedIdentityKind],
  options: {
    create: [...options, 'managedIdentityLocation', 'managedIdentityTags'],
    delete: [...options, ...subjectOptions]
  },
  services: (settings, verb) => ['arm', ...(verb === 'delete' ? deletionServices(settings) : [])],
  validate: () => undefined,
  refer: context => managedIdentityIdentity(context),

  create: async context => {
    const { settings, log } = context
    const reference = await referenceOf(context)
    // The group is requested before it is known whether it is needed, which saves one round trip.
    const group = settings.given('managedIdentityResourceId') ? undefined : findGroup(context, reference)
    group?.catch(() => undefined)
    const [client, existing] = await allInOrder([context.managedIdentities(), findManagedIdentity(context)])
    if (existing !== undefined) {
      const wanted = settings.get('managedIdentityLocation')
      if (wanted !== undefined && !sameLocation(wanted, existing.location)) {
        log.warn(`the managed identity ${existing.name} is in ${existing.location} and stays there`, { given: wanted })
      }
      const keep = identityChange('keep', existing)
      const identity = managedIdentityIdentity(context, existing)
      return {
        changes: [keep],
        identity,
        apply: emit => {
          emit(keep)
          return Promise.resolve(identity)
        }
      }
    }
    if (group === undefined) throw managedIdentityNotFound(reference)
    const { location: groupLocation } = await group
    const location = settings.get('managedIdentityLocation') ?? groupLocation
    const tags = { ...settings.get('managedIdentityTags'), ...managedIdentityTag }
    return {
      changes: [
        {
          kind: managedIdentityKind,
          action: 'create',
          fields: { name: reference.name, managedIdentityID: managedIdentityId(reference), location }
        }
      ],
      apply: async emit => {
        const { identity, created } = await client.createIdentity(reference, location, tags)
        emit(identityChange(created ? 'create' : 'keep', identity))
        const provided = managedIdentityIdentity(context, identity, created)
        if (!created) await checkAdoption(context, provided)
        return provided
      }
    }
  },

  delete: async context => {
    const { identity, deletesIdentity, identityStays, additions } = await decideDeletion(context)
    if (identity === undefined) {
      if (!namesIdentity(context.settings)) return reportOnly()
      const managedIdentityID = managedIdentityId(await referenceOf(context))
      return reportOnly({ kind: managedIdentityKind, action: 'absent', fields: { managedIdentityID } })
    }
    if (identity.kind !== 'managed-identity') return reportOnly()
    const [name, clientID, principalID, { managedIdentityID = '' }] = await Promise.all([
      identity.name(),
      identity.clientId(),
      identity.principalId(),
      identity.credentials.owner()
    ])
    const fields = { name, clientID, principalID, managedIdentityID }
    const change = (action: Action): Change => ({ kind: managedIdentityKind, action, fields })
    if (!deletesIdentity) return reportOnly({ ...change('retain'), reason: identityStays })
    const reference = parseManagedIdentityId(managedIdentityID) ?? (await referenceOf(context))
    const client = await context.managedIdentities()
    return {
      changes: [{ ...change('delete'), additions }],
      apply: async emit => {
        emit(change((await client.deleteIdentity(reference)) ? 'delete' : 'absent'))
      }
    }
  }
}

async function findGroup(
  { resourceManager }: Context,
  { subscriptionId, resourceGroup }: ManagedIdentityReference
): Promise<ResourceGroup> {
  const group = await (await resourceManager()).resourceGroup(subscriptionId, resourceGroup)
  if (group !== undefined) return group
  throw new AzwiError(
    'ResourceGroupNotFound',
    `there is no resource group "${resourceGroup}" in subscription ${subscriptionId}`,
    {
      hint: `make it: az group create --name ${shellQuoted(resourceGroup)} --location <location> --subscription ${subscriptionId}`
    }
  )
}

/** Azure writes "West Europe" and "westeurope" for the same location. */
const sameLocation = (a: string, b: string): boolean =>
  a.replaceAll(' ', '').toLowerCase() === b.replaceAll(' ', '').toLowerCase()

function identityChange(action: Action, { id, name, clientId, principalId }: ManagedIdentity): Change {
  return {
    kind: managedIdentityKind,
    action,
    fields: { name, clientID: clientId, principalID: principalId, managedIdentityID: id }
  }
}
