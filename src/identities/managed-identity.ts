import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import { AzwiError, shellQuoted } from '../errors.js'
import { managedIdentityId, type ManagedIdentityReference, parseManagedIdentityId } from '../domain/azure-ids.js'
import type { Context } from '../engine/context.js'
import type { Identity } from './identity.js'
import { once, oncePerContext } from '../async.js'

/** Marks what azwi made, so that `delete` knows it. */
export const markTag = { 'managed-by': 'azwi' } as const

export function isMadeByUs({ tags }: ManagedIdentity): boolean {
  return Object.entries(markTag).every(([key, value]) => tags[key] === value)
}

/** Where the managed identity is, or is to be: its resource id, or name, group and subscription. */
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

/** The managed identity that the flags name, where it is there. */
export const findManagedIdentity = oncePerContext(async (context: Context): Promise<ManagedIdentity | undefined> => {
  const [reference, client] = await Promise.all([referenceOf(context), context.managedIdentities()])
  return client.identity(reference)
})

/** The same, as an identity. */
export const findManagedIdentityIdentity = oncePerContext(async (context: Context): Promise<Identity | undefined> => {
  const found = await findManagedIdentity(context)
  return found && managedIdentityIdentity(context, found)
})

/** An error that says what was looked for and where. */
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

/** The managed identity as an identity. What is handed in is not looked up again. */
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
    isOurs: async () => isMadeByUs(await find()),
    credentials: {
      owner: async () => ({ managedIdentityID: managedIdentityId(await referenceOf(context)) }),
      list: once(async () => {
        const [client, reference] = await store()
        if (isNew) return []
        try {
          return await client.credentials(reference)
        } catch (error) {
          // Either there is no such identity, or its credentials are not to be had yet: another run has just made it.
          if (!(error instanceof AzwiError) || error.code !== 'ParentResourceNotFound') throw error
          if (known === undefined && (await client.identity(reference)) === undefined)
            throw managedIdentityNotFound(reference)
          return client.credentialsOfNew(reference)
        }
      }),
      write: async credential => {
        const [client, reference] = await store()
        await client.writeCredential(reference, credential)
      },
      delete: async name => {
        const [client, reference] = await store()
        return client.deleteCredential(reference, name)
      }
    }
  }
}
