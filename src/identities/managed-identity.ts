import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import { AzwiError, shellQuoted } from '../errors.js'
import { managedIdentityId, type ManagedIdentityReference, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { Context } from '../context.js'
import { isMarkedManagedIdentity } from '../domain/marks.js'
import type { Identity } from './identity.js'
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
  const find = once(async () => {
    const found = known ?? (await findManagedIdentity(context))
    if (found === undefined) throw managedIdentityNotFound(await referenceOf(context))
    return found
  })
  const store = async () => [await context.managedIdentities(), await referenceOf(context)] as const
  return {
    kind: 'managed-identity',
    isNew,
    clientId: async () => (await find()).clientId,
    principalId: async () => (await find()).principalId,
    isOurs: async () => isMarkedManagedIdentity(await find()),
    credentials: {
      owner: async () => ({ managedIdentityID: managedIdentityId(await referenceOf(context)) }),
      list: once(async () => {
        const [client, reference] = await store()
        if (isNew) return []
        try {
          return await client.credentials.list(reference)
        } catch (error) {
          // The identity does not exist, or another run has just created it and ARM does not answer for its credentials yet.
          if (!(error instanceof AzwiError) || error.code !== 'ParentResourceNotFound') throw error
          if (known === undefined && (await client.identity(reference)) === undefined)
            throw managedIdentityNotFound(reference)
          return client.credentials.listOfNew(reference)
        }
      }),
      write: async credential => {
        const [client, reference] = await store()
        await client.credentials.upsert(reference, credential)
      },
      delete: async name => {
        const [client, reference] = await store()
        return client.credentials.delete(reference, name)
      }
    }
  }
}
