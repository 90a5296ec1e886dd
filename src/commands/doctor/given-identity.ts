import { type App, createApp } from '../../app.js'
import type { OptionName } from '../../config/options.js'
import type { Settings } from '../../config/settings.js'
import { AzwiError, ExitCode, UsageError } from '../../errors.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { type ManagedIdentityReference, parseManagedIdentityId } from '../../domain/azure-ids.js'
import type { Io } from '../../terminal/io.js'
import { createIdentityReader } from '../../connections/identities.js'
import type { Service } from '../../context.js'
import { createDeniedReads } from '../../connections/denied-reads.js'

/** The options that name an existing identity. They exclude each other. */
export const identityOptions = [
  'aadApplicationClientId',
  'managedIdentityResourceId'
] as const satisfies readonly OptionName[]

/** The identity that the user named, and its credentials. */
interface GivenIdentity {
  /** Kind and name: `application "shop"`. */
  readonly identity: string
  readonly credentials: readonly FederatedIdentityCredential[]
}

/**
 * Reads the identity that the flags name, with all its credentials. Returns undefined if they name none.
 *
 * @throws AzwiError if there is no such identity, or the login has no permission to read its credentials
 */
export async function readGivenCredentials(io: Io, settings: Settings): Promise<GivenIdentity | undefined> {
  const clientId = settings.get('aadApplicationClientId')
  const reference = parseManagedIdentityId(settings.get('managedIdentityResourceId') ?? '')
  const read =
    reference !== undefined
      ? (app: App) => readManagedIdentity(app, reference)
      : clientId !== undefined
        ? (app: App) => readByClientId(app, clientId)
        : undefined
  if (read === undefined) return undefined
  const app = createApp(io, settings)
  try {
    return await read(app)
  } finally {
    await app.close()
  }
}

async function readManagedIdentity(app: App, reference: ManagedIdentityReference): Promise<GivenIdentity> {
  await app.prepare(new Set(['arm']))
  return {
    identity: `managed identity "${reference.name}"`,
    credentials: await (await app.managedIdentities()).credentials.list(reference)
  }
}

async function readByClientId(app: App, clientId: string): Promise<GivenIdentity> {
  const deniedReads = createDeniedReads()
  const reader = createIdentityReader(app, await azureServices(app), deniedReads)
  const identity = await reader.findIdentity(clientId)
  if (identity === null) {
    throw new AzwiError('IdentityNotFound', `no application and no managed identity has the client id ${clientId}`, {
      hint: `see: az ad sp show --id ${clientId}`
    })
  }
  const credentials = identity && (await reader.readCredentials(identity))
  if (credentials === undefined) {
    throw new AzwiError('CredentialsUnread', `the credentials of ${clientId} could not be read`, {
      lines: [...deniedReads.unread].map(([name, reason]) => `${name}: ${reason}`),
      exitCode: deniedReads.unread.size > 0 ? ExitCode.login : ExitCode.failed
    })
  }
  return {
    identity: `${identity?.kind === 'managed-identity' ? 'managed identity' : 'application'} "${identity?.name ?? clientId}"`,
    credentials
  }
}

/** Returns the services that the login can use. Without a subscription, applications can still be read. */
async function azureServices(app: App): Promise<ReadonlySet<Service>> {
  await app.prepare(new Set(['graph']))
  try {
    await app.prepare(new Set(['arm']))
    return new Set(['graph', 'arm'])
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return new Set(['graph'])
  }
}
