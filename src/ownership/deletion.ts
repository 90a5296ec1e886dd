import { oncePerContext } from '../async.js'
import { annotation } from '../domain/annotations.js'
import type { Context } from '../context.js'
import { type FederatedIdentityCredential, flexibleCredentials, sameTrust } from '../domain/credential.js'
import { defaultApplicationName, isDerivedCredentialName } from '../domain/names.js'
import { parseServiceAccountSubject, serviceAccountSubject } from '../domain/subject.js'
import { AzwiError, ExitCode, InterruptedError } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import { clientIdOwners } from './service-account.js'
import { assignmentsOf } from './assignments.js'
import { annotatedIdentity, connectedAccount, type ConnectedIdentity, findConnectedIdentity } from './connection.js'

/** What delete does with a connection, decided from what exists before anything is written. docs/ownership.md has the rules as a table. */
export interface Deletion {
  /** Undefined: the identity does not exist any more. */
  readonly identity: Identity | undefined
  /** The annotated client ID, if the identity was looked for by it. */
  readonly clientId?: string
  readonly deletesIdentity: boolean
  /** Why the identity stays. */
  readonly identityStays: string
  /** The credential of this connection, if it exists. */
  readonly credential: FederatedIdentityCredential | undefined
  /** Why the roles stay. Undefined: those that azwi assigned are deleted. */
  readonly rolesStay: string | undefined
  /** What people have added to what would be deleted. Delete needs a confirmation, or `--force`. */
  readonly additions: readonly string[]
}

/** Decides the whole deletion of a connection. Reads only. Throws an AzwiError if a part of it cannot be known. */
export const decideDeletion = oncePerContext(async (context: Context): Promise<Deletion> => {
  const connected = await findConnectedIdentity(context)
  const { identity } = connected
  if (identity === undefined) {
    await refuseOtherIdentity(context, connected)
    return { ...withoutIdentity, ...(connected.clientId === undefined ? {} : { clientId: connected.clientId }) }
  }
  const [credentials, isMarked, name, connection] = await Promise.all([
    identity.credentials.list(),
    identity.isMarked(),
    identity.name(),
    connectionOf(context)
  ])
  const facts: Facts = {
    ...connected,
    identity,
    isMarked,
    isNameDerived: identity.kind === 'application' && connection !== undefined && name === derivedName(connection),
    isConnectedElsewhere: credentials.length === 0 && (await isConnectedElsewhere(context, connected, identity)),
    ...splitCredentials(context, credentials, connection),
    issuer: connection?.issuer,
    keptBecause: await context.keepsIdentity?.(identity)
  }
  reportOtherIssuers(context, facts.others, connection)
  if (!facts.isMarked && facts.own === undefined) await refuseOtherIdentity(context, connected, identity)
  if (credentials.length === 0 && context.deletedParts?.has(identity.kind) !== false) await refuseUnproven(facts)
  const identityStays = whyIdentityStays(facts)
  const deletesIdentity = identityStays === undefined && context.deletedParts?.has(identity.kind) !== false
  return {
    identity,
    deletesIdentity,
    identityStays: identityStays ?? 'its phase is skipped',
    credential: facts.own,
    rolesStay: whyRolesStay(facts),
    additions: await additionsTo(context, facts, deletesIdentity)
  }
})

const withoutIdentity: Deletion = {
  identity: undefined,
  deletesIdentity: false,
  identityStays: 'it does not exist any more',
  credential: undefined,
  rolesStay: undefined,
  additions: []
}

interface Connection {
  readonly namespace: string
  readonly name: string
  readonly issuer: string
}

async function connectionOf({ settings, issuer }: Context): Promise<Connection | undefined> {
  const name = settings.get('serviceAccountName')
  if (name === undefined) return undefined
  return { name, namespace: settings.require('serviceAccountNamespace'), issuer: await issuer() }
}

const derivedName = ({ namespace, name, issuer }: Connection): string => defaultApplicationName(namespace, name, issuer)

interface Facts extends ConnectedIdentity {
  readonly identity: Identity
  readonly isMarked: boolean
  /** Whether the name of the identity follows from the service account and the issuer. */
  readonly isNameDerived: boolean
  /** Whether flags name the identity, and the service account is connected to another one. Only known for an identity without credentials. */
  readonly isConnectedElsewhere: boolean
  /** The credential of this connection. */
  readonly own: FederatedIdentityCredential | undefined
  /** Whether azwi or the Go azwi gave that credential its name. */
  readonly isOwnNameDerived: boolean
  readonly others: readonly FederatedIdentityCredential[]
  /** The issuer of the connection. Undefined without a service account. */
  readonly issuer: string | undefined
  readonly keptBecause: string | undefined
}

/** Splits the credentials of an identity into that of this connection and those of others. Without a service account, each belongs to others, except a single one with `--force`. */
function splitCredentials(
  { settings, isLeaving = () => false }: Context,
  credentials: readonly FederatedIdentityCredential[],
  connection: Connection | undefined
): Pick<Facts, 'own' | 'isOwnNameDerived' | 'others'> {
  if (connection === undefined) {
    const own = settings.given('force') && credentials.length === 1 ? credentials[0] : undefined
    return { own, isOwnNameDerived: true, others: own === undefined ? credentials : [] }
  }
  const { namespace, name, issuer } = connection
  const isOwn = sameTrust({ issuer, subject: serviceAccountSubject(namespace, name) })
  const own = credentials.find(isOwn)
  return {
    own,
    isOwnNameDerived: own !== undefined && isDerivedCredentialName(own.name, namespace, name, issuer),
    others: credentials.filter(credential => !isOwn(credential) && !isLeaving(credential))
  }
}

/** Warns of credentials for the same service account of another cluster, or of this one before its issuer changed. Delete never removes them. */
function reportOtherIssuers(
  { log }: Context,
  others: readonly FederatedIdentityCredential[],
  connection: Connection | undefined
): void {
  if (connection === undefined) return
  const subject = serviceAccountSubject(connection.namespace, connection.name)
  for (const { name, issuer } of others.filter(other => other.subject === subject))
    log.warn('a credential trusts this service account with another issuer, and stays', { credential: name, issuer })
}

/**
 * Throws an AzwiError if flags name an identity that has nothing to do with the service account, or none at all, while the service account is connected
 * to another one: to delete the service account would leave that one behind.
 */
async function refuseOtherIdentity(
  context: Context,
  { foundBy }: ConnectedIdentity,
  identity?: Identity
): Promise<void> {
  if (foundBy !== 'flags' || context.deletedParts?.has('service-account') !== true) return
  const other = await annotatedIdentity(context)
  if (other === undefined) return
  const [clientId, named] = await Promise.all([other.clientId(), identity?.clientId()])
  if (named?.toLowerCase() === clientId.toLowerCase()) return
  throw new AzwiError(
    'OtherIdentity',
    `the service account is connected to ${titleOf(other, await other.name())}, and not to the identity that the flags name, so nothing was deleted`,
    { hint: 'leave out the flags that name the identity: delete follows the annotation of the service account' }
  )
}

/**
 * Throws an AzwiError if only the annotation leads to an identity that has the mark and no credential at all. An interrupted create can have left it, but
 * it can also belong to others: anyone who may edit the service account can annotate it with any client ID. Without the service account, nothing would
 * lead to the identity.
 */
async function refuseUnproven(facts: Facts): Promise<void> {
  const { identity, isMarked, foundBy, keptBecause } = facts
  if (!isMarked || foundBy !== 'annotation' || keptBecause !== undefined || isUnfinished(facts)) return
  const [name, { objectID = '', managedIdentityID = '' }] = await Promise.all([
    identity.name(),
    identity.credentials.owner()
  ])
  const flag =
    identity.kind === 'application'
      ? `--aad-application-object-id ${objectID}`
      : `--managed-identity-resource-id ${managedIdentityID}`
  throw new AzwiError(
    'IdentityUnproven',
    `${titleOf(identity, name)} does not trust the service account or anything else, so it cannot be known whether it belongs to the service account, and nothing was deleted`,
    { hint: `if it does, name it: ${flag}`, exitCode: ExitCode.failed }
  )
}

const titleOf = ({ kind }: Identity, name: string): string =>
  `the ${kind === 'application' ? 'application' : 'managed identity'} "${name}"`

/** Returns why the identity must stay. Undefined if it is ours and nobody else uses it. */
function whyIdentityStays(facts: Facts): string | undefined {
  const { isMarked, own, others, keptBecause, issuer } = facts
  if (keptBecause !== undefined) return keptBecause
  if (!isMarked) return 'it was not made by azwi'
  if (others.some(isServiceAccount)) return usedBy(others.filter(isServiceAccount), issuer)
  if (own === undefined && !isUnfinished(facts)) return 'it does not trust the service account'
  return undefined
}

/**
 * Reports whether an interrupted create can have left the identity: it has the mark and no credential at all, and its name, or a flag, says that it
 * belongs to the connection.
 */
function isUnfinished({ isMarked, isNameDerived, isConnectedElsewhere, own, others, foundBy }: Facts): boolean {
  const isNamed = isNameDerived || (foundBy === 'flags' && !isConnectedElsewhere)
  return isMarked && own === undefined && others.length === 0 && isNamed
}

async function isConnectedElsewhere(
  context: Context,
  { foundBy }: ConnectedIdentity,
  identity: Identity
): Promise<boolean> {
  if (foundBy !== 'flags' || context.deletedParts?.has('service-account') !== true || context.settings.given('force'))
    return false
  const account = await connectedAccount(context)
  const annotated = account?.metadata?.annotations?.[annotation.clientId]?.trim().toLowerCase() ?? ''
  return annotated !== '' && annotated !== (await identity.clientId()).toLowerCase()
}

function whyRolesStay(facts: Facts): string | undefined {
  const { own, others, keptBecause, issuer } = facts
  if (keptBecause !== undefined) return `the identity stays: ${keptBecause}`
  if (others.some(isServiceAccount)) return `the identity stays: ${usedBy(others.filter(isServiceAccount), issuer)}`
  if (own === undefined && !isUnfinished(facts)) return 'the identity does not trust the service account'
  return undefined
}

async function additionsTo(
  context: Context,
  { identity, isMarked, own, isOwnNameDerived, others, issuer, foundBy }: Facts,
  deletesIdentity: boolean
): Promise<string[]> {
  // The identity of azwi might then be that of this service account, and the service account is what leads to it.
  const mightTrust =
    own === undefined && isMarked && !others.some(isServiceAccount)
      ? flexibleCredentials(others, issuer).map(
          ({ name }) => `the flexible credential ${name} might trust this service account`
        )
      : []
  const deletesCredential = deletesIdentity || context.deletedParts?.has('credential') !== false
  const foreignName =
    own !== undefined && !isOwnNameDerived && deletesCredential
      ? [`the federated identity credential ${own.name} of this service account was not created by azwi`]
      : []
  const owners = foundBy === 'annotation' ? clientIdOwners(await connectedAccount(context)) : []
  if (!deletesIdentity) return [...owners, ...foreignName, ...mightTrust]
  const [additions, roles] = await Promise.all([identity.additions(), rolesThatStay(context)])
  return [
    ...owners,
    ...foreignName,
    ...others.map(({ name, subject }) => `the federated identity credential ${name}${subject && ` for ${subject}`}`),
    ...additions,
    ...roles
  ]
}

/** Lists the role assignments that a delete of the identity would orphan: those of others, and those of azwi if the phase of the roles does not run. */
async function rolesThatStay(context: Context): Promise<string[]> {
  const named = context.settings.get('roleAssignmentId')?.toLowerCase()
  const isNamed = ({ id }: { readonly id: string }): boolean => id.toLowerCase() === named
  if (context.deletedParts?.has('role-assignment') !== false) {
    const { others } = await assignmentsOf(context)
    return others.filter(assignment => !isNamed(assignment)).map(({ id }) => `the role assignment ${id}`)
  }
  try {
    const { ours, others } = await assignmentsOf(context)
    return [
      ...others.map(({ id }) => `the role assignment ${id}`),
      ...ours.map(({ id }) => `the role assignment ${id}, which azwi created: let the phase role-assignment run first`)
    ]
  } catch (error) {
    // The phase of the identity by itself can run without a login to Azure Resource Manager.
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    context.log.warn(`could not look up the role assignments of the identity: ${error.message}`)
    return []
  }
}

const isServiceAccount = ({ subject }: FederatedIdentityCredential): boolean =>
  parseServiceAccountSubject(subject) !== undefined

/** `own` is the issuer of this cluster, which goes without saying. */
function usedBy(others: readonly FederatedIdentityCredential[], own: string | undefined): string {
  const named = others
    .slice(0, 3)
    .map(({ subject, issuer }) => (issuer === own ? subject : `${subject} of ${issuer}`))
    .join(', ')
  return `it is used by ${named}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`
}
