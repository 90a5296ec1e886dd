import { oncePerContext } from '../async.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Context } from '../context.js'
import { annotation, managedIdentityAnnotation } from '../domain/annotations.js'
import { isGuid, parseManagedIdentityId } from '../domain/azure-ids.js'
import { AzwiError, ExitCode, InterruptedError } from '../errors.js'
import { applicationIdentity, findApplicationIdentity } from '../identities/application.js'
import { identityKind, namesIdentity } from '../identities/choice.js'
import type { Identity } from '../identities/identity.js'
import { findManagedIdentityIdentity, managedIdentityIdentity } from '../identities/managed-identity.js'

/** The identity of a connection that is to be deleted, and how it was found. */
export interface ConnectedIdentity {
  /** Undefined: the identity does not exist any more. */
  readonly identity: Identity | undefined
  /** The annotated client ID, if the identity was looked for by it. */
  readonly clientId?: string
  /** `annotation`: by the client ID of the service account. `name`: by the derived name. `flags`: the flags name it. */
  readonly foundBy: 'annotation' | 'name' | 'flags'
}

/** Reads the service account that the flags name. */
export const connectedAccount = oncePerContext(async ({ settings, kubernetes }: Context) => {
  const name = settings.get('serviceAccountName')
  if (name === undefined) return undefined
  return (await kubernetes()).serviceAccount({ namespace: settings.require('serviceAccountNamespace'), name })
})

/**
 * Follows the connection of a service account to its identity: the identity that the flags name; otherwise the identity with the annotated client
 * ID, of either kind, wherever it is; without an annotation, the application with the derived name.
 *
 * Throws an AzwiError if it cannot be known which identity has the client ID.
 */
export const findConnectedIdentity = oncePerContext(async (context: Context): Promise<ConnectedIdentity> => {
  const { settings } = context
  if (namesIdentity(settings)) {
    const find = identityKind(settings) === 'application' ? findApplicationIdentity : findManagedIdentityIdentity
    return { identity: await find(context), foundBy: 'flags' }
  }
  const account = await connectedAccount(context)
  const clientId = account?.metadata?.annotations?.[annotation.clientId]?.trim() ?? ''
  if (account === undefined || clientId === '')
    return { identity: await findApplicationIdentity(context), foundBy: 'name' }
  return { identity: await annotatedIdentity(context), clientId, foundBy: 'annotation' }
})

/** Finds the identity that the service account names, whatever the flags say. Throws an AzwiError if it cannot be known which one it is. */
export const annotatedIdentity = oncePerContext(async (context: Context): Promise<Identity | undefined> => {
  const account = await connectedAccount(context)
  const clientId = account?.metadata?.annotations?.[annotation.clientId]?.trim() ?? ''
  return account === undefined || clientId === ''
    ? undefined
    : identityWithClientId(context, clientId.toLowerCase(), account)
})

/** What a look-up found, or why nothing is known. */
type LookUp<T> = { readonly found: T | undefined } | { readonly unknown: string }

/** Looks in the places where an identity can be, from the cheapest to the slowest. An answer of ARM is enough: Graph is not needed then. */
async function identityWithClientId(
  context: Context,
  clientId: string,
  account: ServiceAccount
): Promise<Identity | undefined> {
  const { log } = context
  if (!isGuid(clientId)) {
    log.warn(`the client ID ${JSON.stringify(clientId)} of the service account is no GUID, so no identity has it`)
    return undefined
  }
  await refuseOtherTenant(context, account)
  const hint = account.metadata?.annotations?.[managedIdentityAnnotation]
  const hinted = hint === undefined ? undefined : await attempt(() => managedIdentityAt(context, hint, clientId))
  if (hinted !== undefined && 'found' in hinted && hinted.found !== undefined) return hinted.found

  const inDirectory = Promise.all([
    attempt(async () => (await context.graph()).applications.byClientId(clientId)),
    attempt(async () => (await context.graph()).servicePrincipals.byClientId(clientId))
  ])
  // An answer of ARM makes the directory's answer, or its refusal, irrelevant.
  inDirectory.catch(() => undefined)
  const inSubscription = await attempt(() => managedIdentityInSubscription(context, clientId))
  if ('found' in inSubscription && inSubscription.found !== undefined) return inSubscription.found

  const [application, principal] = await inDirectory
  if ('found' in application && application.found !== undefined) return applicationIdentity(context, application.found)
  const resourceId = 'found' in principal ? principal.found?.managedIdentityId : undefined
  const elsewhere = await attempt(async () => {
    const id = resourceId ?? ('unknown' in principal ? await resourceGraphId(context, clientId) : undefined)
    return id === undefined ? undefined : managedIdentityAt(context, id, clientId)
  })
  if ('found' in elsewhere && elsewhere.found !== undefined) return elsewhere.found

  const foreign = 'found' in principal && principal.found !== undefined && resourceId === undefined
  // Every identity of the tenant has a service principal, so its absence proves that there is none of either kind. The directory shows a new managed
  // identity late: what could not be read at the hint might be one.
  const isProvenAbsent =
    [hinted ?? { found: undefined }, application, principal, elsewhere].every(lookUp => 'found' in lookUp) && !foreign
  if (isProvenAbsent) {
    log.warn(`no identity has the client ID ${clientId} of the service account any more`)
    return undefined
  }
  const reasons = [hinted ?? inSubscription, inSubscription, application, principal, elsewhere].flatMap(lookUp =>
    'unknown' in lookUp ? [lookUp.unknown] : []
  )
  if (foreign) reasons.push('its application belongs to another tenant')
  throw unknownIdentity(clientId, reasons)
}

/** Throws if the service account names a tenant in which this login cannot see the identity. */
async function refuseOtherTenant(context: Context, account: ServiceAccount): Promise<void> {
  const annotated = account.metadata?.annotations?.[annotation.tenantId]?.trim().toLowerCase()
  const tenantId = (await context.knownTenantId())?.toLowerCase()
  if (annotated === undefined || annotated === '' || tenantId === undefined || annotated === tenantId) return
  const message = `the service account is connected in the tenant ${annotated}, and the login is for ${tenantId}`
  throw new AzwiError('OtherTenant', message, { hint: `add --tenant-id ${annotated}` })
}

async function managedIdentityAt(context: Context, id: string, clientId: string): Promise<Identity | undefined> {
  const reference = parseManagedIdentityId(id)
  if (reference === undefined) return undefined
  const found = await (await context.managedIdentities()).identity(reference)
  return found?.clientId.toLowerCase() === clientId ? managedIdentityIdentity(context, found) : undefined
}

async function managedIdentityInSubscription(context: Context, clientId: string): Promise<Identity | undefined> {
  const [client, subscriptionId] = await Promise.all([context.managedIdentities(), context.subscriptionId()])
  const found = (await client.identitiesIn(subscriptionId)).find(each => each.clientId.toLowerCase() === clientId)
  return found && managedIdentityIdentity(context, found)
}

async function resourceGraphId(context: Context, clientId: string): Promise<string | undefined> {
  return (await context.resourceManager()).managedIdentityIdOf(clientId)
}

async function attempt<T>(lookUp: () => Promise<T | undefined>): Promise<LookUp<T>> {
  try {
    return { found: await lookUp() }
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    return { unknown: error.message }
  }
}

function unknownIdentity(clientId: string, reasons: readonly string[]): AzwiError {
  return new AzwiError(
    'IdentityUnknown',
    `it cannot be known which identity has the client ID ${clientId}, so nothing was deleted`,
    {
      lines: [...new Set(reasons)],
      hint: 'log in with permission to read it, or name it: --managed-identity-resource-id <id> or --aad-application-object-id <guid>',
      exitCode: ExitCode.failed
    }
  )
}
