import type { Settings } from '../config/settings.js'
import type { Context, KeepableIdentity } from '../context.js'
import { sameTrust, type Trust } from '../domain/credential.js'
import { refuseAdditions } from './additions.js'
import type { Event, Flow } from './flow.js'
import type { Change, Phase } from './phase.js'
import { planFlow, type PlannedFlow } from './run.js'

/** Something that a run of the delete flow removes: a connection, or a part of one. */
export interface Removal {
  /** `namespace/name` of the service account. */
  readonly key: string
  /** The client ID of the identity. Removals at one identity run one after the other. Undefined if no other removal can be about the same identity. */
  readonly identity: string | undefined
  /** The flags that `azwi serviceaccount delete` would get, by camel-case name. */
  readonly flags: Readonly<Record<string, string>>
  readonly skip: readonly Phase[]
  readonly only?: Phase
  /** Whether it depends on the removals at the same identity that come before it. If one of them fails, it is not carried out. */
  readonly needsOthers?: true
}

export interface RemovalOptions {
  readonly contextFor: (settings: Settings) => Context
  readonly settingsFor: (flags: Readonly<Record<string, string>>) => Settings
  readonly phases: readonly Phase[]
  /** Says why the files keep an identity, if they do. */
  readonly keepsIdentity: (identity: KeepableIdentity) => Promise<string | undefined>
  /** Whether a removal goes on although people have added something. Otherwise it fails. */
  readonly acceptsAdditions: boolean
  readonly interruption: AbortSignal
}

/** A removal that is planned. Nothing has been written yet. */
export interface PlannedRemoval {
  readonly removal: Removal
  readonly context: Context
  readonly changes: readonly Change[]
  /** Why it cannot be carried out. */
  readonly failures: readonly unknown[]
}

export interface RemovalResult {
  readonly planned: PlannedRemoval
  readonly changes: readonly Change[]
  readonly failures: readonly unknown[]
}

/** The plans of several removals. */
export interface PlannedRemovals {
  /** In the order of the removals. */
  readonly planned: readonly PlannedRemoval[]
  /** Carries the plans out. Resolves to the results in the order of the removals. Never rejects. */
  readonly write: () => Promise<readonly RemovalResult[]>
}

/**
 * Plans several removals. Only reads. A failure of one does not stop the others.
 *
 * Removals at one identity are planned and carried out one after the other: each keeps the identity as long as another service account uses it, and the
 * last one deletes it. If one cannot be carried out as planned, those that come after it at the same identity are planned again.
 */
export async function planRemovals(removals: readonly Removal[], options: RemovalOptions): Promise<PlannedRemovals> {
  const plans = await inQueues(removals, async (removal, before: readonly Plan[]) => {
    const isBlocked = removal.needsOthers === true && before.some(({ failures }) => failures.length > 0)
    return isBlocked ? blocked(removal, options) : planOne(removal, before.flatMap(deletedTrusts), options)
  })
  const write = (): Promise<readonly RemovalResult[]> =>
    inQueues(plans, async (plan, before: readonly (RemovalResult & { readonly isAsPlanned: boolean })[]) => {
      if (plan.flow === undefined || plan.failures.length > 0)
        return { planned: plan, changes: [], failures: plan.failures, isAsPlanned: true }
      if (before.every(({ isAsPlanned }) => isAsPlanned)) return writeOne(plan, plan)
      if (plan.removal.needsOthers === true) {
        plan.context.log.warn(
          `[${plan.removal.key}] not deleted, because another service account still uses the identity`
        )
        return { planned: plan, changes: [], failures: [], isAsPlanned: false }
      }
      const again = await planOne(plan.removal, before.flatMap(deletedTrusts), options)
      return again.failures.length > 0
        ? { planned: plan, changes: [], failures: again.failures, isAsPlanned: false }
        : writeOne(again, plan)
    })
  return { planned: plans, write }
}

interface Plan extends PlannedRemoval {
  readonly identity: string | undefined
  /** Undefined if it could not be planned. */
  readonly flow: PlannedFlow | undefined
  /** What the flow has emitted since it was planned. */
  readonly events: Event[]
}

async function planOne(removal: Removal, leaving: readonly Trust[], options: RemovalOptions): Promise<Plan> {
  const { phases, interruption, keepsIdentity } = options
  const settings = options.settingsFor(removal.flags)
  const context: Context = {
    ...options.contextFor(settings),
    isLeaving: trust => leaving.some(sameTrust(trust)),
    keepsIdentity
  }
  const events: Event[] = []
  const flow: Flow = {
    verb: 'delete',
    phases,
    skip: removal.skip,
    dryRun: false,
    ...(removal.only === undefined ? {} : { only: removal.only })
  }
  const parts = { removal, identity: removal.identity, context, events }
  try {
    const planned = await planFlow(flow, context, {
      prepare: () => Promise.resolve(),
      emit: event => {
        events.push(event)
      },
      interruption
    })
    if (!options.acceptsAdditions) refuseAdditions(planned.changes)
    return { ...parts, flow: planned, changes: planned.changes, failures: planned.failures }
  } catch (error) {
    return { ...parts, flow: undefined, changes: [], failures: [error] }
  }
}

/** A removal that another one keeps from being carried out. That one has the failure. */
function blocked(removal: Removal, { contextFor, settingsFor }: RemovalOptions): Plan {
  const context = contextFor(settingsFor(removal.flags))
  return { removal, identity: removal.identity, context, events: [], flow: undefined, changes: [], failures: [] }
}

async function writeOne(
  { flow, events }: Plan,
  planned: Plan
): Promise<RemovalResult & { readonly isAsPlanned: boolean }> {
  events.length = 0
  const failures = (await flow?.write())?.failures ?? []
  const changes = events.flatMap(event => (event.type === 'changed' ? [event.change] : []))
  return { planned, changes, failures, isAsPlanned: failures.length === 0 }
}

/** Returns the credentials that the changes delete. */
const deletedTrusts = ({ changes }: Pick<PlannedRemoval, 'changes'>): Trust[] =>
  changes.flatMap(({ action, trust }) => (action === 'delete' && trust !== undefined ? [trust] : []))

/** Does the work for each item: one after the other for items of the same identity, otherwise at the same time. Each gets the results before it. */
async function inQueues<Item extends { readonly identity: string | undefined }, Result>(
  items: readonly Item[],
  work: (item: Item, before: readonly Result[]) => Promise<Result>
): Promise<Result[]> {
  const queues = new Map<string, Promise<readonly Result[]>>()
  return Promise.all(
    items.map(async item => {
      if (item.identity === undefined) return work(item, [])
      const before = queues.get(item.identity) ?? Promise.resolve([])
      const result = before.then(async results => ({ results, result: await work(item, results) }))
      queues.set(
        item.identity,
        result.then(({ results, result: last }) => [...results, last])
      )
      return (await result).result
    })
  )
}
