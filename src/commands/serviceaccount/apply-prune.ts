import type { App } from '../../app.js'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import { Settings } from '../../config/settings.js'
import type { Context } from '../../context.js'
import { additionsOf } from '../../engine/additions.js'
import { findLeftovers } from '../../engine/drift.js'
import type { FleetOptions, MemberResult } from '../../engine/fleet.js'
import type { Change } from '../../engine/phase.js'
import { keptByFiles, leftOverAccounts, type LeftOverAccounts } from '../../engine/prune.js'
import { type PlannedRemoval, planRemovals } from '../../engine/removals.js'
import { AzwiError, InterruptedError } from '../../errors.js'
import { objectKinds, phases } from '../../phases/index.js'
import type { Io } from '../../terminal/io.js'
import type { Log } from '../../terminal/log.js'
import { describeChange } from '../../terminal/views/changes.js'
import { changesSomething } from '../../terminal/views/flow.js'
import { createProgress } from '../../terminal/views/progress.js'
import { removalTotals } from '../../terminal/views/removals.js'
import type { Selection } from '../../workloads/selection.js'
import { type Flags, removalNames } from './apply-settings.js'
import { canPrompt, promptForRemovals } from './confirm.js'

/** What apply has done, and what its files contain. */
interface AppliedFiles {
  readonly app: App
  readonly io: Io
  readonly flags: Flags
  readonly applied: readonly MemberResult[]
  /** A context for every workload of the files, by `namespace/name`, selected or not. */
  readonly workloads: readonly { readonly key: string; readonly context: Context }[]
  readonly sets: readonly (string | undefined)[]
  readonly selection: Selection
  readonly verify: FleetOptions['verify']
}

interface Results {
  readonly results: readonly MemberResult[]
  /** Failures that belong to no result. */
  readonly failures: readonly unknown[]
}

/**
 * Looks for what the files no longer contain, and what their workloads no longer need. A dry run reports it. With `--prune`, shows it, asks, and deletes
 * it. Never throws, so that the report still shows what has been applied before.
 */
export async function removeLeftovers(files: AppliedFiles): Promise<Results> {
  const { app, applied, verify } = files
  const { settings } = app
  const prunes = settings.given('prune')
  if (!prunes && !settings.given('dryRun')) return { results: applied, failures: [] }
  try {
    await verify(app, Promise.resolve())
    const issuer = await (prunes ? app.publishedIssuer() : app.bestEffort(app.publishedIssuer))
    if (issuer === undefined) {
      files.io.log.info('could not look for what the workloads no longer need: the issuer of the cluster is not known')
      return { results: applied, failures: [] }
    }
    return await removeAll(files, issuer, prunes)
  } catch (error) {
    return { results: applied, failures: [error] }
  }
}

async function removeAll(files: AppliedFiles, issuer: string, prunes: boolean): Promise<Results> {
  const { app, io, applied, flags } = files
  const { settings } = app
  const { log, host } = io
  const dryRun = settings.given('dryRun')
  const left = prunes ? leftOver(files, await (await app.kubernetes()).serviceAccounts()) : { removals: [], kept: [] }
  const context = { ...app, log: withoutRepetition(log) }
  const leftovers = await findLeftovers({
    context,
    issuer,
    results: applied,
    workloads: new Map(files.workloads.map(workload => [workload.key, workload.context])),
    accounts: () => listIfAllowed(context),
    pruned: new Set(left.removals.map(({ key }) => key)),
    phases,
    isApplied: !dryRun
  })
  const prompts = prunes && !dryRun && !settings.given('yes') && canPrompt(io)
  const { planned, write } = await planRemovals([...left.removals, ...leftovers], {
    contextFor: own => ({ ...app.contextFor(own), log: context.log }),
    settingsFor: accountFlags => new Settings(removalNames, { ...flags, ...accountFlags }, host.environment),
    phases,
    keepsIdentity: keptByFiles(files.workloads.map(({ context: workload }) => workload)),
    acceptsAdditions: dryRun || settings.given('force') || prompts,
    interruption: host.interruption
  })
  const kept = keptResults(left.kept, context)
  const plan = merged(applied, planned, kept, left.removals.length, prunes)
  showPlan(plan, planned, { prunes, dryRun }, io)
  if (dryRun) return { results: plan.results, failures: [] }
  const all = planned.flatMap(({ changes }) => changes)
  if (prompts && changesSomething(all)) await promptForRemovals(removalTotals(all), additionsOf(all), io)
  const written = await write()
  const done = merged(
    applied,
    written.map(({ planned: { removal, context: own }, changes, failures }) => ({
      removal,
      context: own,
      changes,
      failures
    })),
    kept,
    left.removals.length,
    prunes
  )
  const progress = createProgress(io, done.accounts.length, false)
  done.accounts.forEach(progress.finished)
  progress.end()
  for (const { key, changes } of done.leftovers) logChanges(key, changes, false, io)
  return { results: done.results, failures: [] }
}

function leftOver({ workloads, sets, selection }: AppliedFiles, accounts: readonly ServiceAccount[]): LeftOverAccounts {
  const inFiles = new Set(workloads.map(({ key }) => key))
  return leftOverAccounts(
    accounts,
    new Set(sets.flatMap(set => set ?? [])),
    account => !inFiles.has(`${account.namespace}/${account.name}`) && selection.includes(account)
  )
}

/** Lists the service accounts of the cluster. Without permission, none is known to use an identity. */
async function listIfAllowed({ kubernetes, log }: Context): Promise<readonly ServiceAccount[]> {
  try {
    return await (await kubernetes()).serviceAccounts()
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    log.info('could not list the service accounts of the cluster', { because: error.message })
    return []
  }
}

/** The results for service accounts that have the label of a set, and stay. */
function keptResults(kept: LeftOverAccounts['kept'], context: Context): MemberResult[] {
  const kinds = objectKinds.filter(({ part }) => part === 'service-account')
  return kept.map(({ key, reason }) => {
    const [namespace = '', name = ''] = key.split('/')
    const changes = kinds.map((kind): Change => ({ kind, action: 'retain', fields: { namespace, name }, reason }))
    return { member: { key, context, sharedIdentity: undefined }, changes, skipped: [], failures: [] }
  })
}

interface Merged {
  readonly results: readonly MemberResult[]
  /** Service accounts that are not in the files. */
  readonly accounts: readonly MemberResult[]
  /** What the workloads of the files no longer need. */
  readonly leftovers: readonly { readonly key: string; readonly changes: readonly Change[] }[]
}

/** Adds the removals to the results. The first `accountCount` of them are service accounts; the others belong to a workload of the files. */
function merged(
  applied: readonly MemberResult[],
  removals: readonly PlannedRemoval[],
  kept: readonly MemberResult[],
  accountCount: number,
  prunes: boolean
): Merged {
  const accounts = removals
    .slice(0, accountCount)
    .map(({ removal: { key }, context, changes, failures }): MemberResult => {
      return { member: { key, context, sharedIdentity: undefined }, changes, skipped: [], failures }
    })
  const leftovers = removals.slice(accountCount).map(({ removal: { key }, changes, failures }) => ({
    key,
    failures,
    changes: !changesSomething(changes) ? [] : prunes ? changes : changes.flatMap(asLeftover)
  }))
  const results = applied.map(result => {
    const own = leftovers.filter(({ key }) => key === result.member.key)
    if (own.length === 0) return result
    return {
      ...result,
      leftovers: own.map(({ changes }) => changes).filter(changes => changes.length > 0),
      failures: [...result.failures, ...(prunes ? own.flatMap(({ failures }) => failures) : [])]
    }
  })
  return { results: [...results, ...accounts, ...kept], accounts: [...accounts, ...kept], leftovers }
}

/** Without `--prune`, a removal is only reported. */
const asLeftover = (change: Change): Change[] =>
  change.action === 'delete' || change.action === 'purge' ? [{ ...change, action: 'leftover' }] : []

/** Shows what a prune deletes, object by object, with totals, or what the workloads no longer need. */
function showPlan(
  { accounts, leftovers }: Merged,
  planned: readonly PlannedRemoval[],
  { prunes, dryRun }: { readonly prunes: boolean; readonly dryRun: boolean },
  io: Io
): void {
  // What cannot be deleted is no part of the plan. It is reported with the results.
  const shown = accounts.filter(({ failures }) => dryRun || failures.length === 0)
  const progress = createProgress(io, shown.length, true)
  shown.forEach(progress.finished)
  progress.end()
  for (const { key, changes } of leftovers) logChanges(key, changes, true, io)
  for (const { removal, changes, failures } of planned) {
    for (const addition of additionsOf(changes)) io.log.warn(`[${removal.key}] people have added: ${addition}`)
    if (prunes) continue
    for (const failure of failures)
      io.log.info(`[${removal.key}] could not look for what it no longer needs`, {
        because: failure instanceof Error ? failure.message : String(failure)
      })
  }
  const all = planned.flatMap(({ changes }) => changes)
  if (changesSomething(all))
    io.log.info(
      prunes ? `to prune: ${removalTotals(all)}` : `no longer needed: ${removalTotals(all)}; --prune deletes it`
    )
}

function logChanges(key: string, changes: readonly Change[], dryRun: boolean, { log }: Io): void {
  for (const change of changes) {
    const { level, message, fields } = describeChange(key, change, dryRun)
    log[level](message, fields)
  }
}

/** Returns a log that writes each line once. Many removals meet the same missing permission. */
function withoutRepetition(log: Log): Context['log'] {
  const known = new Set<string>()
  const once =
    (level: 'info' | 'warn'): Log['info'] =>
    (message, fields) => {
      const line = JSON.stringify([level, message, fields])
      if (known.has(line)) return
      known.add(line)
      log[level](message, fields)
    }
  return { info: once('info'), warn: once('warn') }
}
