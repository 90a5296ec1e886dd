import { annotation, setLabel } from '../identity/annotations.js'
import type { ServiceAccount } from '../clients/kubernetes.js'
import type { Settings } from '../config/settings.js'
import type { Context } from './context.js'
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

/** Deletes what an earlier apply of a set left its label on and the files no longer have, by the delete flow, which takes only what is ours. */
export async function pruneSet(set: string, options: PruneOptions): Promise<MemberResult[]> {
  const kubernetes = await options.app.kubernetes()
  const labelled = (await kubernetes.serviceAccounts()).filter(({ metadata }) => metadata?.labels?.[setLabel] === set)
  const doomed = labelled.filter(account => !options.keep.has(keyOf(account)) && options.mayTouch(nameOf(account)))
  return Promise.all(doomed.map(account => pruneOne(account, options)))
}

const nameOf = ({ metadata }: ServiceAccount) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })
const keyOf = (account: ServiceAccount): string => `${nameOf(account).namespace}/${nameOf(account).name}`

async function pruneOne(account: ServiceAccount, { app, phases, dryRun, interruption, settingsFor }: PruneOptions): Promise<MemberResult> {
  const identity = await identityFlags(account, app)
  const context = app.contextFor(settingsFor({
    serviceAccountName: account.metadata?.name ?? '', serviceAccountNamespace: account.metadata?.namespace ?? '', ...identity.flags
  }))
  const events: Event[] = []
  const others = phases.filter(({ name }) => name !== 'service-account')
  const flow: Flow = { verb: 'delete', phases, dryRun, skip: identity.skip === 'all' ? others : others.filter(({ provides }) => identity.skip === 'identity' && provides !== undefined) }
  const nothing = (): Promise<void> => Promise.resolve()
  const failures = await runFlow(flow, context, { prepare: nothing, confirm: nothing, emit: event => { events.push(event) }, interruption })
    .then(result => result.failures, (error: unknown) => [error])
  const changes = events.flatMap(event => event.type === 'changed' || event.type === 'planned' ? [event.change] : [])
  return { member: { key: keyOf(account), context, sharedIdentity: undefined }, changes, skipped: [], failures }
}

interface FoundIdentity {
  readonly flags: Readonly<Record<string, string>>
  /** An identity that is not ours is kept; where there is none at all, only the service account goes. */
  readonly skip: 'nothing' | 'identity' | 'all'
}

async function identityFlags(account: ServiceAccount, { graph, managedIdentities, subscriptionId }: Context): Promise<FoundIdentity> {
  const clientId = account.metadata?.annotations?.[annotation.clientId]
  if (clientId === undefined || clientId === '') return { flags: {}, skip: 'all' }
  const managed = (await (await managedIdentities()).identitiesIn(await subscriptionId())).find(each => each.clientId.toLowerCase() === clientId.toLowerCase())
  if (managed !== undefined) return { flags: { managedIdentityResourceId: managed.id }, skip: 'nothing' }
  const application = await (await graph()).applicationByClientId(clientId)
  if (application === undefined) return { flags: {}, skip: 'all' }
  const isOurs = application.tags.includes('azwi')
  return { flags: { aadApplicationClientId: clientId }, skip: isOurs ? 'nothing' : 'identity' }
}
