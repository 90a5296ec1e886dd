import { askedGrants, resolveGrants } from './grants.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Context } from '../context.js'
import { annotation } from '../domain/annotations.js'
import { isGuid } from '../domain/azure-ids.js'
import type { FederatedIdentityCredential, Trust } from '../domain/credential.js'
import { defaultApplicationName } from '../domain/names.js'
import { serviceAccountSubject } from '../domain/subject.js'
import { AzwiError, InterruptedError } from '../errors.js'
import type { Identity } from '../identities/identity.js'
import { assignmentsOfPrincipals } from '../ownership/assignments.js'
import { listCandidates } from '../ownership/candidates.js'
import { findSurplusRoles } from '../ownership/leftovers.js'
import { clientIdOf, isNamedBy, keyOf } from './prune.js'
import type { MemberResult } from './fleet.js'
import type { Phase } from './phase.js'
import type { Removal } from './removals.js'

/** What is compared to find what the workloads of the files no longer need. */
export interface DriftFacts {
  readonly context: Context
  /** The issuer that the cluster publishes. Nothing of another issuer is ever removed. */
  readonly issuer: string
  /** The results of the selected workloads. */
  readonly results: readonly MemberResult[]
  /** A context for every workload of the files, by `namespace/name`, selected or not. */
  readonly workloads: ReadonlyMap<string, Context>
  /** Lists all service accounts of the cluster. */
  readonly accounts: () => Promise<readonly ServiceAccount[]>
  /** `namespace/name` of the service accounts that this run deletes. */
  readonly pruned: ReadonlySet<string>
  readonly phases: readonly Phase[]
  /** Whether the results have been written. The service accounts then name the identities that they are connected to. */
  readonly isApplied: boolean
}

/**
 * Finds what azwi created for the workloads and they no longer need: roles that no workload asks for, and identities that a workload was connected to
 * earlier. Only reads. The number of requests does not depend on the number of workloads, except for batches.
 */
export async function findLeftovers(facts: DriftFacts): Promise<Removal[]> {
  const existing = facts.results.flatMap(connected)
  const [identities, roles] = await Promise.all([formerIdentities(facts, existing), surplusRoles(facts, existing)])
  return [...identities, ...roles]
}

/** A workload whose service account existed before the run. */
interface Connected {
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly context: Context
  /** Undefined: a dry run would create it. */
  readonly identity: Identity | undefined
  /** The client ID that this run replaces, in lower case. */
  readonly replacedClientId: string | undefined
}

function connected({ member, changes, failures, identity }: MemberResult): Connected[] {
  const account = changes.find(({ kind }) => kind.part === 'service-account')
  if (failures.length > 0 || account === undefined || account.action === 'create') return []
  const replaced = account.differences
    ?.find(({ field }) => field === annotation.clientId)
    ?.from?.trim()
    .toLowerCase()
  const { settings } = member.context
  return [
    {
      key: member.key,
      namespace: settings.require('serviceAccountNamespace'),
      name: settings.require('serviceAccountName'),
      context: member.context,
      identity,
      replacedClientId: replaced !== undefined && isGuid(replaced) ? replaced : undefined
    }
  ]
}

const nameOf = (account: ServiceAccount): string => `${keyOf(account).namespace}/${keyOf(account).name}`
const subjectOf = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  serviceAccountSubject(namespace, name)
const subjectOfKey = (key: string): string => {
  const [namespace = '', name = ''] = key.split('/')
  return serviceAccountSubject(namespace, name)
}

/**
 * Finds the identities that trust a workload although it is connected to another one. They are found without a record of earlier runs: among the
 * identities of the files, those that this run replaces, and those with the mark of azwi that no other service account names.
 */
async function formerIdentities(facts: DriftFacts, existing: readonly Connected[]): Promise<Removal[]> {
  const { context, issuer, accounts, pruned, phases, isApplied } = facts
  if (existing.length === 0) return []
  const listed = await accounts()
  const annotated = new Map(listed.map(account => [nameOf(account), clientIdOf(account)]))
  const inUse = new Map<string, Identity>()
  /** The client IDs of each workload that it is connected to now, by the file and by its service account. */
  const current = new Map<string, readonly string[]>()
  await Promise.all(
    existing.map(async ({ key, identity }) => {
      const clientId = (await identity?.clientId())?.toLowerCase()
      if (identity !== undefined && clientId !== undefined) inUse.set(clientId, identity)
      current.set(
        key,
        [clientId, isApplied ? annotated.get(key) : undefined].filter(id => id !== undefined)
      )
    })
  )
  const handled = new Set([...existing.map(({ key }) => key), ...pruned])
  const usedByOthers = new Set(
    listed.flatMap(account => {
      return handled.has(nameOf(account)) ? [] : (clientIdOf(account) ?? [])
    })
  )
  const replaced = new Set(existing.flatMap(({ replacedClientId }) => replacedClientId ?? []))
  const names = new Set(
    await Promise.all([...inUse.values()].filter(({ kind }) => kind === 'application').map(identity => identity.name()))
  )
  const derivedNames = existing
    .map(({ namespace, name }) => defaultApplicationName(namespace, name, issuer))
    .filter(name => !names.has(name))
  const candidates = (await listCandidates(context, { clientIds: replaced, applicationNames: derivedNames })).filter(
    ({ clientId }) => !inUse.has(clientId) && (!usedByOthers.has(clientId) || replaced.has(clientId))
  )
  // A workload whose connection is not known might use any identity.
  const judged = existing.filter(({ key }) => !isApplied || current.get(key)?.length !== 0)
  const byTrust = new Map(judged.map(each => [subjectOf(each), each]))
  const removalsAt = (
    clientId: string,
    flag: Readonly<Record<string, string>>,
    credentials: readonly FederatedIdentityCredential[]
  ): Removal[] =>
    credentials.flatMap(credential => {
      const workload = credential.issuer === issuer ? byTrust.get(credential.subject) : undefined
      if (workload === undefined || current.get(workload.key)?.includes(clientId) !== false) return []
      const { key, namespace, name } = workload
      return {
        key,
        identity: clientId,
        flags: { serviceAccountName: name, serviceAccountNamespace: namespace, ...flag },
        skip: phases.filter(({ objects }) => objects.some(({ part }) => part === 'service-account'))
      }
    })
  const found = await Promise.all([
    ...[...inUse].map(async ([clientId, identity]) => {
      const { objectID, managedIdentityID } = await identity.credentials.owner()
      const flag: Readonly<Record<string, string>> =
        identity.kind === 'application'
          ? { aadApplicationObjectId: objectID ?? '' }
          : { managedIdentityResourceId: managedIdentityID ?? '' }
      return removalsAt(clientId, flag, await identity.credentials.list())
    }),
    ...candidates.map(async ({ clientId, flag, credentials }) => removalsAt(clientId, flag, await credentials()))
  ])
  return found.flat()
}

/** Finds the roles that azwi assigned and that no workload of the files asks for, at identities that only service accounts of the set use. */
async function surplusRoles(facts: DriftFacts, existing: readonly Connected[]): Promise<Removal[]> {
  const { context, phases } = facts
  const byPrincipal = new Map<string, { readonly identity: Identity; readonly workloads: Connected[] }>()
  await Promise.all(
    existing.map(async workload => {
      // A new identity has only the roles that this run has assigned.
      if (workload.identity === undefined || workload.identity.isNew) return
      const principalId = await workload.identity.principalId().catch(() => undefined)
      if (principalId === undefined) return
      const known = byPrincipal.get(principalId)
      if (known === undefined) byPrincipal.set(principalId, { identity: workload.identity, workloads: [workload] })
      else known.workloads.push(workload)
    })
  )
  const assignments = await readable(context, 'the roles that no workload asks for', () =>
    assignmentsOfPrincipals(context, [...byPrincipal.keys()])
  )
  const only = phases.find(({ objects }) => objects.some(({ part }) => part === 'role-assignment'))
  if (assignments === undefined || only === undefined) return []
  const found = await Promise.all(
    [...byPrincipal].map(async ([principalId, { identity, workloads }]): Promise<Removal[]> => {
      const { ours } = assignments.get(principalId) ?? { ours: [] }
      const surplus = await readable(context, 'the roles that no workload asks for', () =>
        surplusRolesOf(facts, identity, { connectedTo: workloads, existing }, ours)
      )
      const [first] = workloads
      if (first === undefined || surplus === undefined) return []
      const clientId = (await identity.clientId()).toLowerCase()
      return surplus.map(roleAssignmentId => ({
        key: first.key,
        identity: clientId,
        flags: {
          serviceAccountName: first.name,
          serviceAccountNamespace: first.namespace,
          roleAssignmentId
        },
        skip: [],
        only,
        needsOthers: true
      }))
    })
  )
  return found.flat()
}

/** Returns the resource IDs of the role assignments that can be removed. */
async function surplusRolesOf(
  { context, issuer, workloads, pruned }: DriftFacts,
  identity: Identity,
  { connectedTo, existing }: { readonly connectedTo: readonly Connected[]; readonly existing: readonly Connected[] },
  ours: Parameters<typeof findSurplusRoles>[0]['ours']
): Promise<string[]> {
  const grantsOf = (workload: Context) => resolveGrants(workload, askedGrants(workload.settings))
  const wantedByThese = (await Promise.all(connectedTo.map(workload => grantsOf(workload.context)))).flat()
  const isInSet = setOf(issuer, [...workloads.keys(), ...pruned])
  const isWanted = (wanted: typeof wantedByThese, credentials: readonly FederatedIdentityCredential[]) =>
    findSurplusRoles({ ours, wanted, credentials, isInSet })
  if (isWanted(wantedByThese, []).surplus.length === 0) return []
  const credentials = await identity.credentials.list()
  // Workloads of the files that use the identity, but are not selected or have failed, can ask for the roles too.
  const known = new Set(existing.map(({ key }) => key))
  const subjects = new Set(credentials.map(({ subject }) => subject))
  const wantedByOthers = await Promise.all(
    [...workloads].map(async ([key, workload]) => {
      if (known.has(key)) return []
      const isUser = subjects.has(subjectOfKey(key)) || (await isNamedBy(workload, identity))
      return isUser ? grantsOf(workload) : []
    })
  )
  const wanted = [...wantedByThese, ...wantedByOthers.flat()]
  const { surplus, otherUsers } = isWanted(wanted, credentials)
  if (surplus.length === 0) return []
  if (otherUsers.length === 0) return surplus.map(({ id }) => id)
  context.log.info('roles that no workload of the files asks for stay, because others use the identity', {
    identity: await identity.name(),
    roles: surplus.length,
    users: otherUsers.map(({ name, subject }) => subject || name).join(', ')
  })
  return []
}

/** Returns a test for credentials of this cluster for service accounts with these names. */
function setOf(issuer: string, keys: readonly string[]): (credential: Trust) => boolean {
  const subjects = new Set(keys.map(subjectOfKey))
  return credential => credential.issuer === issuer && subjects.has(credential.subject)
}

/** Returns what the work returns, or undefined if it cannot be read. What is not known is not removed. */
async function readable<T>({ log }: Context, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    log.info(`could not look for ${what}`, { because: error.message })
    return undefined
  }
}
