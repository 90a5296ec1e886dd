import { sameTrust, type Trust } from '../domain/credential.js'
import { annotation, issuerAnnotation, setLabel } from '../domain/annotations.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import { managedIdentityId } from '../domain/azure-ids.js'
import type { Settings } from '../config/settings.js'
import type { Context } from './context.js'
import { applicationName, givenApplicationId } from '../identities/application.js'
import { bearsOurMark } from '../ownership/application-mark.js'
import { identityKind } from '../identities/choice.js'
import { referenceOf } from '../identities/managed-identity.js'
import { once } from '../async.js'
import { type Event, type Flow, runFlow } from './flow.js'
import type { MemberResult } from './fleet.js'
import type { AnyPhase, Change } from './phase.js'

export interface PruneOptions {
  readonly app: Context & { readonly contextFor: (settings: Settings) => Context }
  /** `namespace/name` of what the files have. */
  readonly keep: ReadonlySet<string>
  /** Of every workload of the files, chosen or not: the identities that they name stay, whatever has become of the workloads. */
  readonly workloads: readonly Context[]
  readonly mayTouch: (account: { readonly namespace: string; readonly name: string }) => boolean
  readonly phases: readonly AnyPhase[]
  readonly dryRun: boolean
  readonly interruption: AbortSignal
  readonly settingsFor: (flags: Readonly<Record<string, string>>) => Settings
}

/**
 * Deletes what an earlier apply of these sets left their label on and the files no longer have, by the delete flow, which takes only what is
 * ours, and no identity that the files still name. Those that share an identity take turns: each keeps an identity that another one still lives by, and the last takes it along.
 */
export async function pruneSets(sets: ReadonlySet<string>, options: PruneOptions): Promise<MemberResult[]> {
  const kubernetes = await options.app.kubernetes()
  const labelled = (await kubernetes.serviceAccounts()).filter(({ metadata }) =>
    sets.has(metadata?.labels?.[setLabel] ?? '')
  )
  const doomed = labelled.filter(account => !options.keep.has(keyOf(account)) && options.mayTouch(nameOf(account)))
  const known: Known = {
    managed: once(async () => (await options.app.managedIdentities()).identitiesIn(await options.app.subscriptionId())),
    named: once(
      async () =>
        new Set((await Promise.all(options.workloads.map(namesOfIdentity))).flat().map(name => name.toLowerCase()))
    )
  }
  const turns = new Map<string, { readonly before: Promise<unknown>; readonly gone: Trust[] }>()
  return Promise.all(
    doomed.map(account => {
      const clientId = clientIdOf(account)
      const { before, gone } = turns.get(clientId) ?? { before: Promise.resolve(), gone: [] }
      const mine = before.then(() => pruneOne(account, gone, known, options))
      if (clientId !== '') turns.set(clientId, { before: mine, gone })
      return mine
    })
  )
}

const clientIdOf = ({ metadata }: ServiceAccount): string =>
  metadata?.annotations?.[annotation.clientId]?.toLowerCase() ?? ''

const nameOf = ({ metadata }: ServiceAccount) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })
const keyOf = (account: ServiceAccount): string => `${nameOf(account).namespace}/${nameOf(account).name}`

interface Known {
  readonly managed: () => Promise<readonly ManagedIdentity[]>
  /** Ids and names, in lower case, of the identities in the files. */
  readonly named: () => Promise<ReadonlySet<string>>
}

/** All by which a workload may be found to speak of an identity, without asking whether it is there. */
async function namesOfIdentity(context: Context): Promise<readonly string[]> {
  const { settings } = context
  if (identityKind(settings) === 'managed-identity') return [managedIdentityId(await referenceOf(context))]
  if (!givenApplicationId(settings)) return [await applicationName(context)]
  return [settings.get('aadApplicationObjectId'), settings.get('aadApplicationClientId')].flatMap(id => id ?? [])
}

/** Adds to the identity's credentials that are gone. Never throws: what one fails of does not stop the others. */
async function pruneOne(
  account: ServiceAccount,
  gone: Trust[],
  known: Known,
  options: PruneOptions
): Promise<MemberResult> {
  try {
    return await deleteOne(account, gone, await findIdentity(account, known, options.app), options)
  } catch (error) {
    return {
      member: { key: keyOf(account), context: options.app, sharedIdentity: undefined },
      changes: [],
      skipped: [],
      failures: [error]
    }
  }
}

async function deleteOne(
  account: ServiceAccount,
  gone: Trust[],
  identity: FoundIdentity,
  { app, phases, dryRun, interruption, settingsFor }: PruneOptions
): Promise<MemberResult> {
  const { name, namespace } = nameOf(account)
  const issuer = account.metadata?.annotations?.[issuerAnnotation]
  const settings = settingsFor({
    serviceAccountName: name,
    serviceAccountNamespace: namespace,
    ...(issuer === undefined ? {} : { serviceAccountIssuerUrl: issuer }),
    ...identity.flags
  })
  const context: Context = { ...app.contextFor(settings), isLeaving: credential => gone.some(sameTrust(credential)) }
  const events: Event[] = []
  const nothing = (): Promise<void> => Promise.resolve()
  const run = (skip: readonly AnyPhase[]): Promise<readonly unknown[]> => {
    const flow: Flow = { verb: 'delete', phases, dryRun, skip }
    return runFlow(flow, context, {
      prepare: nothing,
      confirm: nothing,
      emit: event => {
        events.push(event)
      },
      interruption
    }).then(
      result => result.failures,
      (error: unknown) => [error]
    )
  }
  const isAccount = (phase: AnyPhase): boolean => phase.name === 'service-account'
  const others = phases.filter(phase => !isAccount(phase))
  // The service account is what a next run finds all this by: it goes when nothing else is left.
  const before = await run(phases.filter(phase => isAccount(phase) || identity.skips(phase)))
  const failures = before.length > 0 ? before : await run(others)
  const changes = [
    ...identity.kept,
    ...events.flatMap(event => (event.type === 'changed' || event.type === 'planned' ? [event.change] : []))
  ]
  const deleted = changes.filter(({ kind, action }) => kind === 'credential' && action === 'delete')
  gone.push(...deleted.map(({ fields: { issuerURL: issuer = '', subject = '' } }) => ({ issuer, subject })))
  return { member: { key: keyOf(account), context, sharedIdentity: undefined }, changes, skipped: [], failures }
}

interface FoundIdentity {
  readonly flags: Readonly<Record<string, string>>
  readonly skips: (phase: AnyPhase) => boolean
  /** What is told of the phases that are skipped. */
  readonly kept: readonly Change[]
}

/** Where there is no identity at all, only the service account goes. */
const noIdentity: FoundIdentity = { flags: {}, skips: () => true, kept: [] }

async function findIdentity(
  account: ServiceAccount,
  { managed, named }: Known,
  { graph }: Context
): Promise<FoundIdentity> {
  const clientId = clientIdOf(account)
  if (clientId === '') return noIdentity
  const own = (await managed()).find(each => each.clientId.toLowerCase() === clientId)
  if (own !== undefined) {
    const { id, name, principalId } = own
    const flags = { managedIdentityResourceId: id }
    if ((await named()).has(id.toLowerCase()))
      return inTheFiles(flags, 'managed-identity', {
        name,
        clientID: own.clientId,
        principalID: principalId,
        managedIdentityID: id
      })
    return { flags, skips: () => false, kept: [] }
  }
  const application = await (await graph()).applicationByClientId(clientId)
  if (application === undefined) return noIdentity
  const { displayName, objectId } = application
  const flags = { aadApplicationClientId: clientId }
  const names = await named()
  if ([objectId, clientId, displayName].some(name => names.has(name.toLowerCase()))) {
    return inTheFiles(flags, 'application', { clientID: application.clientId, name: displayName, objectID: objectId })
  }
  const isOurs = bearsOurMark(application, undefined)
  return { flags, skips: ({ provides }) => !isOurs && provides !== undefined, kept: [] }
}

/** It stays, with its roles: of it, only the credential of the service account goes. */
function inTheFiles(flags: FoundIdentity['flags'], kind: Change['kind'], fields: Change['fields']): FoundIdentity {
  return {
    flags,
    skips: ({ name }) => name !== 'federated-identity',
    kept: [
      { kind, action: 'strip', fields, reason: 'it is in the files' },
      { kind: 'role-assignment', action: 'strip', fields: {}, reason: 'the identity stays: it is in the files' }
    ]
  }
}
