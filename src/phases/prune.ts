import { sameTrust, type Trust } from '../identity/federated-credential.js'
import { annotation, issuerAnnotation, setLabel } from '../identity/annotations.js'
import type { ServiceAccount } from '../clients/kubernetes.js'
import type { ManagedIdentity } from '../clients/managed-identities.js'
import type { Settings } from '../config/settings.js'
import type { Context } from './context.js'
import { bearsOurMark } from './application-mark.js'
import { once } from './once.js'
import { runFlow, type Event, type Flow } from './runner.js'
import type { MemberResult } from './fleet.js'
import type { AnyPhase } from './phase.js'

export interface PruneOptions {
  readonly app: Context & { readonly contextFor: (settings: Settings) => Context }
  /** `namespace/name` of what the files have. */
  readonly keep: ReadonlySet<string>
  readonly mayTouch: (account: { readonly namespace: string; readonly name: string }) => boolean
  readonly phases: readonly AnyPhase[]
  readonly dryRun: boolean
  readonly interruption: AbortSignal
  readonly settingsFor: (flags: Readonly<Record<string, string>>) => Settings
}

/**
 * Deletes what an earlier apply of these sets left their label on and the files no longer have, by the delete flow, which takes only what is
 * ours. Those that share an identity take turns: each keeps an identity that another one still lives by, and the last takes it along.
 */
export async function pruneSets(sets: ReadonlySet<string>, options: PruneOptions): Promise<MemberResult[]> {
  const kubernetes = await options.app.kubernetes()
  const labelled = (await kubernetes.serviceAccounts()).filter(({ metadata }) => sets.has(metadata?.labels?.[setLabel] ?? ''))
  const doomed = labelled.filter(account => !options.keep.has(keyOf(account)) && options.mayTouch(nameOf(account)))
  const managed = once(async () => (await options.app.managedIdentities()).identitiesIn(await options.app.subscriptionId()))
  const turns = new Map<string, { readonly before: Promise<unknown>; readonly gone: Trust[] }>()
  return Promise.all(doomed.map(account => {
    const clientId = clientIdOf(account)
    const { before, gone } = turns.get(clientId) ?? { before: Promise.resolve(), gone: [] }
    const mine = before.then(() => pruneOne(account, gone, managed, options))
    if (clientId !== '') turns.set(clientId, { before: mine, gone })
    return mine
  }))
}

const clientIdOf = ({ metadata }: ServiceAccount): string => metadata?.annotations?.[annotation.clientId]?.toLowerCase() ?? ''

const nameOf = ({ metadata }: ServiceAccount) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })
const keyOf = (account: ServiceAccount): string => `${nameOf(account).namespace}/${nameOf(account).name}`

type ManagedIdentities = () => Promise<readonly ManagedIdentity[]>

/** Adds to the identity's credentials that are gone. Never throws: what one fails of does not stop the others. */
async function pruneOne(account: ServiceAccount, gone: Trust[], managed: ManagedIdentities, options: PruneOptions): Promise<MemberResult> {
  try {
    return await deleteOne(account, gone, await identityFlags(account, managed, options.app), options)
  } catch (error) {
    return { member: { key: keyOf(account), context: options.app, sharedIdentity: undefined }, changes: [], skipped: [], failures: [error] }
  }
}

async function deleteOne(
  account: ServiceAccount, gone: Trust[], identity: FoundIdentity, { app, phases, dryRun, interruption, settingsFor }: PruneOptions
): Promise<MemberResult> {
  const { name, namespace } = nameOf(account)
  const issuer = account.metadata?.annotations?.[issuerAnnotation]
  const settings = settingsFor({
    serviceAccountName: name, serviceAccountNamespace: namespace, ...(issuer === undefined ? {} : { serviceAccountIssuerUrl: issuer }), ...identity.flags
  })
  const context: Context = { ...app.contextFor(settings), isLeaving: credential => gone.some(sameTrust(credential)) }
  const events: Event[] = []
  const nothing = (): Promise<void> => Promise.resolve()
  const run = (skip: readonly AnyPhase[]): Promise<readonly unknown[]> => {
    const flow: Flow = { verb: 'delete', phases, dryRun, skip }
    return runFlow(flow, context, { prepare: nothing, confirm: nothing, emit: event => { events.push(event) }, interruption })
      .then(result => result.failures, (error: unknown) => [error])
  }
  const isAccount = (phase: AnyPhase): boolean => phase.name === 'service-account'
  const others = phases.filter(phase => !isAccount(phase))
  // The service account is what a next run finds all this by: it goes when nothing else is left.
  const before = await run(phases.filter(phase => isAccount(phase) || identity.skip === 'all' || (identity.skip === 'identity' && phase.provides !== undefined)))
  const failures = before.length > 0 ? before : await run(others)
  const changes = events.flatMap(event => event.type === 'changed' || event.type === 'planned' ? [event.change] : [])
  const deleted = changes.filter(({ kind, action }) => kind === 'credential' && action === 'delete')
  gone.push(...deleted.map(({ fields: { issuerURL: issuer = '', subject = '' } }) => ({ issuer, subject })))
  return { member: { key: keyOf(account), context, sharedIdentity: undefined }, changes, skipped: [], failures }
}

interface FoundIdentity {
  readonly flags: Readonly<Record<string, string>>
  /** An identity that is not ours is kept; where there is none at all, only the service account goes. */
  readonly skip: 'nothing' | 'identity' | 'all'
}

async function identityFlags(account: ServiceAccount, managed: ManagedIdentities, { graph }: Context): Promise<FoundIdentity> {
  const clientId = clientIdOf(account)
  if (clientId === '') return { flags: {}, skip: 'all' }
  const own = (await managed()).find(each => each.clientId.toLowerCase() === clientId)
  if (own !== undefined) return { flags: { managedIdentityResourceId: own.id }, skip: 'nothing' }
  const application = await (await graph()).applicationByClientId(clientId)
  if (application === undefined) return { flags: {}, skip: 'all' }
  const isOurs = bearsOurMark(application, undefined)
  return { flags: { aadApplicationClientId: clientId }, skip: isOurs ? 'nothing' : 'identity' }
}
