import { oncePerContext } from '../async.js'
import type { Context } from '../context.js'
import { annotation } from '../domain/annotations.js'
import type { Settings } from '../config/settings.js'
import { type FederatedIdentityCredential, sameTrust } from '../domain/credential.js'
import { parseServiceAccountSubject, serviceAccountSubject } from '../domain/subject.js'
import { AzwiError, ExitCode, InterruptedError } from '../errors.js'
import { givenApplicationId } from '../identities/application.js'
import { identityKind } from '../identities/choice.js'
import type { Identity } from '../identities/identity.js'
import { connectedAccount } from './connection.js'
import { isForbidden } from './unknown.js'

/**
 * How the user named the identity. `id`: by an ID. `name`: by a name on the command line. `file`: by a name in a file, which others might know too.
 * `derived`: not at all, so that azwi found it under the name that it derives.
 */
export type NamedBy = 'id' | 'name' | 'file' | 'derived'

/** What create knows of an identity that exists already. docs/ownership.md has the rules as a table. */
export interface AdoptionFacts {
  readonly namedBy: NamedBy
  readonly isMarked: boolean
  /** Whether it trusts the service account already. */
  readonly isConnected: boolean
  /** What lets others act as the identity: owners, secrets, certificates, credentials. */
  readonly accessOfOthers: readonly string[]
  /** What could not be read, and why. The list of what lets others act as the identity is then incomplete. */
  readonly unread: readonly string[]
  /** Whether `--adopt` is given. */
  readonly isForced: boolean
}

/** `ours`: create goes on. `adopted`: it goes on with a warning, and delete keeps the identity. `refused` and `unknown`: it writes nothing. */
export type Adoption =
  | { readonly verdict: 'ours' | 'adopted' }
  | { readonly verdict: 'refused' | 'unknown'; readonly reasons: readonly string[] }

/** Decides whether create connects the service account to an identity that exists already. */
export function judgeAdoption(facts: AdoptionFacts): Adoption {
  const { namedBy, isMarked, isConnected, accessOfOthers, unread, isForced } = facts
  if (isConnected || namedBy === 'id') return { verdict: 'ours' }
  if (namedBy === 'name' || isForced) return { verdict: isMarked ? 'ours' : 'adopted' }
  const reasons = [...(namedBy === 'file' && !isMarked ? ['azwi did not create it'] : []), ...accessOfOthers]
  if (reasons.length > 0) return { verdict: 'refused', reasons }
  if (unread.length > 0) return { verdict: 'unknown', reasons: unread }
  return { verdict: isMarked ? 'ours' : 'adopted' }
}

/**
 * Checks that create may connect the service account to an identity that exists already. Must be called before the identity gets a credential or
 * a role. Warns if azwi did not create it. Throws an AzwiError if it may not, or if this cannot be known.
 */
export const checkAdoption = async (context: Context, identity: Identity | undefined): Promise<void> => {
  if (identity === undefined || identity.isNew) return
  await checkOnce({ ...context, identity })
}

const checkOnce = oncePerContext(async (context: Context & { readonly identity: Identity }): Promise<void> => {
  const { settings, log, identity } = context
  const namedBy = namedByOf(context)
  // Whoever names an ID, or a name without a service account to trust, has chosen the identity.
  if (namedBy === 'id' || (namedBy === 'name' && !settings.given('serviceAccountName'))) return
  const isForced = settings.given('adopt')
  const isChosen = isForced || namedBy === 'name'
  const credentials = await readIfAllowed(() => identity.credentials.list())
  const trusts = await trustsConnection(context)
  // Who may register an application can also give it this credential. The service account must name the identity, too.
  const isConnected = credentials.found.some(trusts) && (isChosen || (await isAnnotated(context)))
  const needsAccess = !isConnected && !isChosen
  const [isMarked, name, access] = await Promise.all([
    isConnected || identity.isMarked(),
    identity.name(),
    needsAccess
      ? accessOfOthers(
          context,
          credentials.found.filter(credential => !trusts(credential))
        )
      : nothing
  ])
  const title = `the ${identity.kind === 'application' ? 'application' : 'managed identity'} "${name}"`
  const unread = [...credentials.unread, ...access.unread]
  const adoption = judgeAdoption({ namedBy, isMarked, isConnected, accessOfOthers: access.found, unread, isForced })
  if (adoption.verdict === 'adopted') log.warn(`azwi did not create ${title}: delete will keep it`)
  if ('reasons' in adoption) throw await refusal(context, identity, title, adoption)
})

/** What a look-up found, or why the login may not read it. */
interface Read<T> {
  readonly found: readonly T[]
  readonly unread: readonly string[]
}

const nothing: Read<string> = { found: [], unread: [] }

async function readIfAllowed<T>(read: () => Promise<readonly T[]>): Promise<Read<T>> {
  try {
    return { found: await read(), unread: [] }
  } catch (error) {
    if (!isForbidden(error)) throw error
    return { found: [], unread: [error.message] }
  }
}

function namedByOf({ settings, isDeclarative = false }: Context): NamedBy {
  if (givenApplicationId(settings) || settings.given('managedIdentityResourceId')) return 'id'
  if (identityKind(settings) === 'application' && !settings.given('aadApplicationName')) return 'derived'
  return isDeclarative ? 'file' : 'name'
}

async function trustsConnection(context: Context): Promise<(credential: FederatedIdentityCredential) => boolean> {
  const subject = subjectOf(context.settings)
  return subject === undefined ? () => false : sameTrust({ issuer: await context.issuer(), subject })
}

/** Reports whether the service account names the identity. False without a cluster that answers. */
async function isAnnotated(context: Context & { readonly identity: Identity }): Promise<boolean> {
  try {
    const account = await connectedAccount(context)
    const annotated = account?.metadata?.annotations?.[annotation.clientId]?.trim().toLowerCase()
    return annotated === (await context.identity.clientId()).toLowerCase()
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    return false
  }
}

const subjectOf = (settings: Settings): string | undefined => {
  const name = settings.get('serviceAccountName')
  return name === undefined ? undefined : serviceAccountSubject(settings.require('serviceAccountNamespace'), name)
}

/**
 * Lists what lets others act as the identity. A credential for a namespace that the files connect to the identity does not count: who can run pods
 * there can act as the identity anyway.
 */
async function accessOfOthers(
  context: Context & { readonly identity: Identity },
  credentials: readonly FederatedIdentityCredential[]
): Promise<Read<string>> {
  const { identity, sharingNamespaces } = context
  const issuer = credentials.length === 0 ? '' : await context.issuer()
  const isShared = (credential: FederatedIdentityCredential): boolean =>
    credential.issuer === issuer &&
    sharingNamespaces?.has(parseServiceAccountSubject(credential.subject)?.namespace ?? '') === true
  const others = credentials
    .filter(credential => !isShared(credential))
    .map(({ name, subject, issuer: trusted }) => `its credential ${name} trusts ${subject || 'tokens'} of ${trusted}`)
  const { found, unread } = await readIfAllowed(() => identity.accessOfOthers())
  return { found: [...others, ...found], unread }
}

async function refusal(
  { isDeclarative = false }: Context,
  identity: Identity,
  title: string,
  { verdict, reasons }: Extract<Adoption, { readonly reasons: readonly string[] }>
): Promise<AzwiError> {
  const { objectID = '', managedIdentityID = '' } = await identity.credentials.owner()
  const [flag, field, id] =
    identity.kind === 'application'
      ? ['--aad-application-object-id', 'identity.application.objectId', objectID]
      : ['--managed-identity-resource-id', 'identity.managedIdentity.resourceId', managedIdentityID]
  const problem =
    verdict === 'unknown'
      ? 'it cannot be known whether others can act as it'
      : 'azwi cannot tell whether it is the right one'
  const hint = `if it is the right one, name its ID (${isDeclarative ? `${field}: ` : `${flag} `}${id}) or add --adopt; otherwise choose another name`
  return new AzwiError(
    'NotOurs',
    `${title} exists and does not trust the service account yet, and ${problem}, so nothing was written`,
    {
      lines: reasons,
      hint: verdict === 'unknown' ? `log in with permission to read this; or ${hint}` : hint,
      exitCode: ExitCode.failed
    }
  )
}
