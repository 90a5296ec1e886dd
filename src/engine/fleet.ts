import type { Context } from './context.js'
import { identityKind } from '../identities/choice.js'
import { once } from '../async.js'
import type { AnyPhase, Change } from './phase.js'
import { type Event, type Flow, type FlowResult, type Hooks, runFlow } from './flow.js'

/** One of many service accounts that are connected in one run. */
export interface Member {
  /** `namespace/name`. */
  readonly key: string
  readonly context: Context
  /** The same for all that share an identity; undefined where it is the service account's own. */
  readonly sharedIdentity: string | undefined
}

export interface MemberResult {
  readonly member: Member
  readonly changes: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  readonly failures: readonly unknown[]
}

export interface FleetOptions {
  readonly phases: readonly AnyPhase[]
  readonly dryRun: boolean
  readonly interruption: AbortSignal
  /** Hears of each as soon as it is done, failed or not. */
  readonly finished: (result: MemberResult) => void
}

/**
 * Connects many service accounts side by side. Whatever several of them share is made once; what looks up one thing each is gathered by
 * the clients, since all ask at the same time. A failure of one does not stop the others.
 */
export async function runFleet(members: readonly Member[], options: FleetOptions): Promise<MemberResult[]> {
  const identities = new Map<string, () => Promise<Run>>()
  for (const member of members) {
    if (member.sharedIdentity === undefined || identities.has(member.sharedIdentity)) continue
    // By the first member, whose result says so.
    identities.set(
      member.sharedIdentity,
      once(() => run(identityFlow(member, options), member, options))
    )
  }
  const owners = new Set<string>()
  return Promise.all(
    members.map(async member => {
      const shared = member.sharedIdentity === undefined ? undefined : identities.get(member.sharedIdentity)
      const isOwner = member.sharedIdentity !== undefined && !owners.has(member.sharedIdentity)
      if (member.sharedIdentity !== undefined) owners.add(member.sharedIdentity)
      const result =
        shared === undefined
          ? resultOf(member, await run(wholeFlow(options), member, options))
          : await afterIdentity(member, await shared(), isOwner, options)
      options.finished(result)
      return result
    })
  )
}

interface Run extends FlowResult {
  readonly events: readonly Event[]
}

async function run(flow: Flow, { context }: Member, { interruption }: FleetOptions): Promise<Run> {
  const events: Event[] = []
  const nothing = (): Promise<void> => Promise.resolve()
  const hooks: Hooks = {
    prepare: nothing,
    confirm: nothing,
    emit: event => {
      events.push(event)
    },
    interruption
  }
  try {
    return { ...(await runFlow(flow, context, hooks)), events }
  } catch (error) {
    return { failures: [error], facts: {}, events }
  }
}

async function afterIdentity(
  member: Member,
  identity: Run,
  isOwner: boolean,
  options: FleetOptions
): Promise<MemberResult> {
  const own = isOwner ? identity.events : identity.events.map(forSharer)
  if (identity.failures.length > 0) return resultOf(member, { ...identity, events: own })
  const rest = await run({ ...wholeFlow(options), skip: providers(options), given: identity.facts }, member, options)
  return resultOf(member, { ...rest, events: [...own, ...rest.events] })
}

/** What one of them made is there for the others. In a dry run it is not there yet. */
const forSharer = (event: Event): Event =>
  event.type === 'changed' ? { ...event, change: { ...event.change, action: 'keep' } } : event

const wholeFlow = ({ phases, dryRun }: FleetOptions): Flow => ({ verb: 'create', phases, skip: [], dryRun })

const providers = ({ phases }: FleetOptions): AnyPhase[] => phases.filter(({ provides }) => provides === 'identity')

function identityFlow({ context }: Member, options: FleetOptions): Flow {
  const provider = providers(options).find(({ applies }) => applies?.(context.settings) !== false)
  if (provider === undefined) throw new Error(`no phase provides a ${identityKind(context.settings)}`)
  return { ...wholeFlow(options), only: provider }
}

function resultOf(member: Member, { events, failures }: Run): MemberResult {
  const changes = events.flatMap(event => (event.type === 'changed' || event.type === 'planned' ? [event.change] : []))
  const skipped = events.flatMap(event =>
    event.type === 'skipped' && event.reason !== undefined ? [{ phase: event.phase, reason: event.reason }] : []
  )
  return { member, changes, skipped, failures }
}
