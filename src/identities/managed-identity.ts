import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import { AzwiError, ExitCode, shellQuoted } from '../errors.js'
import { managedIdentityId, type ManagedIdentityReference, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { Context } from '../context.js'
import { isMarkedManagedIdentity } from '../domain/marks.js'
import type { CredentialStore, Identity } from './identity.js'
import { once, oncePerContext } from '../async.js'

/** Returns the name, group and subscription of the managed identity, from its resource ID or from its flags. */
export async function referenceOf({ settings, subscriptionId }: Context): Promise<ManagedIdentityReference> {
  const id = settings.get('managedIdentityResourceId')
  const parsed = id === undefined ? undefined : parseManagedIdentityId(id)
  return (
    parsed ?? {
      subscriptionId: await subscriptionId(),
      resourceGroup: settings.require('managedIdentityResourceGroup'),
      name: settings.require('managedIdentityName')
    }
  )
}

/** Finds the managed identity that the flags name. Resolves to undefined if it does not exist. */
export const findManagedIdentity = oncePerContext(async (context: Context): Promise<ManagedIdentity | undefined> => {
  const [reference, client] = await Promise.all([referenceOf(context), context.managedIdentities()])
  return client.identity(reference)
})

/** Finds the managed identity as an identity. Resolves to undefined if it does not exist. */
export const findManagedIdentityIdentity = oncePerContext(async (context: Context): Promise<Identity | undefined> => {
  const found = await findManagedIdentity(context)
  return found && managedIdentityIdentity(context, found)
})

/** Returns the error that says which managed identity was looked for, and where. */
export function managedIdentityNotFound(reference: ManagedIdentityReference): AzwiError {
  const { name, resourceGroup, subscriptionId } = reference
  return new AzwiError(
    'ManagedIdentityNotFound',
    `there is no managed identity "${name}" in the resource group "${resourceGroup}" of subscription ${subscriptionId}`,
    {
      hint: `list them: az identity list --resource-group ${shellQuoted(resourceGroup)} --subscription ${subscriptionId}`
    }
  )
}

/** Returns the managed identity as an identity. Looks up only what the caller does not pass in. */
export function managedIdentityIdentity(context: Context, known?: ManagedIdentity, isNew = false): Identity {
  const reference = once(
    async () => (known === undefined ? undefined : parseManagedIdentityId(known.id)) ?? (await referenceOf(context))
  )
  const find = once(async () => {
    const found = known ?? (await findManagedIdentity(context))
    if (found === undefined) throw managedIdentityNotFound(await reference())
    return found
  })
  const resourceId = async (): Promise<string> => managedIdentityId(await reference())
  return {
    kind: 'managed-identity',
    isNew,
    clientId: async () => (await find()).clientId,
    principalId: async () => (await find()).principalId,
    isMarked: async () => isMarkedManagedIdentity(await find()),
    name: async () => (await reference()).name,
    additions: once(() => additionsOf(context, resourceId)),
    accessOfOthers: () => Promise.resolve([]),
    resourceId,
    credentials: credentialStore(context, known, isNew, reference)
  }
}

async function additionsOf({ resourceManager, log }: Context, resourceId: () => Promise<string>): Promise<string[]> {
  const id = await resourceId()
  try {
    const resources = await (await resourceManager()).resourcesOf(id)
    return (resources ?? []).map(resource => `the resource ${resource} uses it`)
  } catch (error) {
    if (!(error instanceof AzwiError) || error.exitCode !== ExitCode.login) throw error
    log.warn(`could not check which resources use the managed identity ${id}: reading them is not allowed`)
    return []
  }
}

function credentialStore(
  { managedIdentities }: Context,
  known: ManagedIdentity | undefined,
  isNew: boolean,
  reference: () => Promise<ManagedIdentityReference>
): CredentialStore {
  return {
    owner: async () => ({ managedIdentityID: managedIdentityId(await reference()) }),
    list: once(async () => {
      const [client, at] = await Promise.all([managedIdentities(), reference()])
      if (isNew) return []
      try {
        return await client.credentials.list(at)
      } catch (error) {
        // The identity does not exist, or another run has just created it and ARM does not answer for its credentials yet.
        if (!(error instanceof AzwiError) || error.code !== 'ParentResourceNotFound') throw error
        if (known === undefined && (await client.identity(at)) === undefined) throw managedIdentityNotFound(at)
        return client.credentials.listOfNew(at)
      }
    }),
    write: async credential => (await managedIdentities()).credentials.upsert(await reference(), credential),
    delete: async name => (await managedIdentities()).credentials.delete(await reference(), name)
  }
}
