import { once } from '../async.js'
import { groupBy } from '../collections.js'
import { AzwiError } from '../errors.js'
import { createOrderedLogs } from '../terminal/ordered-logs.js'
import type { Context } from '../context.js'
import type { Identity } from '../identities/identity.js'
import type { Event, Flow, FlowResult } from './flow.js'
import { runFlow } from './run.js'
import { identityPhase } from './order.js'
import { type Change, type Phase, providesIdentity } from './phase.js'

/** One of many service accounts that are connected in one run. */
export interface Member {
  /** `namespace/name`. */
  readonly key: string
  readonly context: Context
  /** Equal for all members that share an identity. Undefined if the service account has an identity of its own. */
  readonly sharedIdentity: string | undefined
}

export interface MemberResult {
  readonly member: Member
  readonly changes: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  readonly failures: readonly unknown[]
  /** The identity that was found or created, with what the plan has read of it. Undefined if the member failed before, and for what is pruned. */
  readonly identity?: Identity | undefined
  /** What azwi created for the member, and it no longer needs. Looked up only in a dry run and in a prune. */
  readonly leftovers?: readonly (readonly Change[])[]
}

export interface FleetOptions {
  readonly phases: readonly Phase[]
  readonly dryRun: boolean
  readonly interruption: AbortSignal
  /** Checks that the run may go on. `planned` resolves when the plan of the member is complete. Throws to fail the member before it writes. */
  readonly verify: (context: Context, planned: Promise<unknown>) => Promise<void>
  /** Receives each result as soon as the member is done, failed or not. */
  readonly finished: (result: MemberResult) => void
}

/**
 * Connects many service accounts at the same time. A shared identity is created once. The clients batch the look-ups, because all members
 * make them at the same time. A failure of one member does not stop the others. Their log lines are in the order of the members.
 */
export async function runFleet(given: readonly Member[], options: FleetOptions): Promise<MemberResult[]> {
  const { logs, finish } = createOrderedLogs(
    given[0]?.context.log ?? { info: () => undefined, warn: () => undefined },
    given.length
  )
  const members = given.map((member, index) => ({
    ...member,
    context: { ...member.context, log: logs[index] ?? member.context.log }
  }))
  const identities = new Map<string, { readonly owner: Member; readonly run: () => Promise<SharedRun> }>()
  for (const [sharedIdentity, sharing] of groupBy(members, member => member.sharedIdentity ?? '')) {
    const [owner] = sharing
    if (sharedIdentity === '' || owner === undefined) continue
    identities.set(sharedIdentity, { owner, run: once(() => runSharedIdentity(owner, sharing, options)) })
  }
  return Promise.all(
    members.map(async (member, index) => {
      const shared = member.sharedIdentity === undefined ? undefined : identities.get(member.sharedIdentity)
      const result =
        shared === undefined
          ? resultOf(member, await run(wholeFlow(options), member, options))
          : await afterIdentity(member, await shared.run(), shared.owner === member, options)
      finish(index)
      options.finished(result)
      return result
    })
  )
}

interface Run extends FlowResult {
  readonly events: readonly Event[]
}

/** The run that finds or creates a shared identity. */
interface SharedRun extends Run {
  /** Why each member cannot be connected, if none can. The identity is then not created. */
  readonly refusals?: ReadonlyMap<Member, readonly unknown[]>
}

async function run(
  flow: Flow,
  { context }: Member,
  { interruption, verify }: FleetOptions,
  confirm: (changes: readonly Change[]) => Promise<void> = () => Promise.resolve()
): Promise<Run> {
  const events: Event[] = []
  try {
    const result = await runFlow(flow, context, {
      prepare: () => Promise.resolve(),
      verify: (_phases, planned) => verify(context, planned),
      confirm,
      emit: event => {
        events.push(event)
      },
      interruption
    })
    return { ...result, events }
  } catch (error) {
    return { failures: [error], identity: undefined, found: undefined, events }
  }
}

/** Finds or creates the identity that members share. Does not create it if none of their service accounts may be connected to it. */
async function runSharedIdentity(owner: Member, sharing: readonly Member[], options: FleetOptions): Promise<SharedRun> {
  // Starts now, so that the look-ups of the service accounts and of the identity run at the same time.
  const planned = Promise.all(sharing.map(async member => [member, await refusalsOf(member, options)] as const))
  let refusals: SharedRun['refusals']
  const result = await run(identityFlow(owner, options), owner, options, async changes => {
    const isNew = changes.some(({ kind, action }) => kind.identity !== undefined && action === 'create')
    if (!isNew || (await planned).some(([, failures]) => failures.length === 0)) return
    refusals = new Map(await planned)
    throw new AzwiError('NotCreated', 'no service account may be connected to the identity')
  })
  await planned
  return { ...result, ...(refusals === undefined ? {} : { refusals }) }
}

/** Returns why the service account of a member cannot be connected to a new identity. Only reads. */
async function refusalsOf({ context, ...member }: Member, options: FleetOptions): Promise<readonly unknown[]> {
  const only = options.phases.find(phase => !providesIdentity(phase) && phase.part === 'service-account')
  if (only === undefined) return []
  const flow: Flow = { ...wholeFlow(options), only, dryRun: true, given: { identity: undefined } }
  // The plan of the member itself logs what there is to say.
  const silent = { ...context, log: { info: () => undefined, warn: () => undefined } }
  const withoutVerification = { ...options, verify: () => Promise.resolve() }
  return (await run(flow, { ...member, context: silent }, withoutVerification)).failures
}

async function afterIdentity(
  member: Member,
  shared: SharedRun,
  isOwner: boolean,
  options: FleetOptions
): Promise<MemberResult> {
  const identityEvents = isOwner ? shared.events : shared.events.map(asFound)
  const failures = shared.refusals?.get(member) ?? shared.failures
  if (failures.length > 0) return resultOf(member, { ...shared, failures, events: identityEvents })
  const skip = options.phases.filter(providesIdentity)
  const rest = await run({ ...wholeFlow(options), skip, given: { identity: shared.identity } }, member, options)
  return resultOf(member, { ...rest, identity: shared.identity, events: [...identityEvents, ...rest.events] })
}

/** Reports what the owner of a shared identity created as found by the other members. A dry run creates nothing, so its events stay. */
const asFound = (event: Event): Event =>
  event.type === 'changed' ? { ...event, change: { ...event.change, action: 'keep' } } : event

const wholeFlow = ({ phases, dryRun }: FleetOptions): Flow => ({ verb: 'create', phases, skip: [], dryRun })

const identityFlow = ({ context }: Member, options: FleetOptions): Flow => ({
  ...wholeFlow(options),
  only: identityPhase(options.phases, context.settings)
})

function resultOf(member: Member, { events, failures, found, identity }: Run): MemberResult {
  const changes = events.flatMap(event => (event.type === 'changed' || event.type === 'planned' ? [event.change] : []))
  const skipped = events.flatMap(event =>
    event.type === 'skipped' && event.reason !== undefined ? [{ phase: event.phase, reason: event.reason }] : []
  )
  return { member, changes, skipped, failures, identity: found ?? identity }
}
