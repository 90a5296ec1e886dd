import picomatch from 'picomatch'
import { createApp, type App } from '../../app.js'
import type { OptionName } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { ExitCode, ExitStatus, UsageError } from '../../errors.js'
import { fleetView, verdictOf } from '../../output/fleet-view.js'
import { changesSomething } from '../../output/flow-view.js'
import type { Io } from '../../output/io.js'
import { createProgress } from '../../output/progress.js'
import { reportError } from '../../output/report-error.js'
import { runFleet, type Member, type MemberResult } from '../../phases/fleet.js'
import { refuseContradictions } from '../../phases/identity-choice.js'
import { phases } from '../../phases/index.js'
import { pruneSet } from '../../phases/prune.js'
import { placeText } from '../../workloads/document.js'
import { readWorkloads } from '../../workloads/read.js'
import type { Workload } from '../../workloads/workload.js'
import { commonNames, type ApplyFlags } from './apply.js'

/** Every flag that a workload may come to be written as. */
const workloadNames: readonly OptionName[] = [...new Set([...phases.flatMap(phase => phase.options.create), ...commonNames])]
const pruneNames: readonly OptionName[] = [...new Set([...phases.flatMap(phase => phase.options.delete), ...commonNames])]
/** Azure answers a write in half a second or so, and there may be thousands. */
const defaultTimeout = '1h'

/** Reads all, validates all, then connects all; with `--prune` takes away what is left over. Throws a UsageError before anything is sent. */
export async function applyWorkloads(flags: ApplyFlags, io: Io): Promise<void> {
  const { environment, stdin, interruption } = io.host
  if (flags.filename === undefined) throw new UsageError('-f is required', 'azwi serviceaccount apply -f workloads.yaml')
  const common = { timeout: defaultTimeout, ...flags }
  const settings = new Settings(commonNames, common, environment)
  const workloads = await readWorkloads(flags.filename, { stdin, environment: flags.substitute === true ? environment : undefined })
  const chosen = workloads.filter(matching(flags))
  const described = chosen.map(workload => ({ workload, settings: settingsOf(workload, common, io) }))
  if (flags.prune === true && workloads.some(({ set }) => set === undefined)) {
    throw new UsageError('--prune needs to know whose workloads these are', 'give every file a line such as set: payments')
  }
  const app = createApp(io, settings)
  try {
    await app.prepare(new Set(described.flatMap(each => phases.filter(({ applies }) => applies?.(each.settings) !== false).flatMap(phase => phase.uses(each.settings, 'create')))))
    const members = described.map(each => memberOf(each.workload, app.contextFor(each.settings)))
    const results = await applyAll(members, settings, io, interruption)
    if (flags.prune === true) results.push(...await prune(workloads, app, common, flags, io))
    await finish(results, settings, flags.debug === true, io)
  } finally {
    app.close()
  }
}

interface Named { readonly namespace: string; readonly name: string }

function matching({ include = [], exclude = [] }: ApplyFlags): (workload: Named) => boolean {
  const included = include.length === 0 ? () => true : picomatch([...include])
  const excluded = exclude.length === 0 ? () => false : picomatch([...exclude])
  return ({ namespace, name }) => included(`${namespace}/${name}`) && !excluded(`${namespace}/${name}`)
}

/** The settings of one workload. What is wrong with a value is told with its place in the file. */
function settingsOf(workload: Workload, common: Readonly<Record<string, unknown>>, { host }: Io): Settings {
  try {
    const settings = new Settings(workloadNames, { ...common, ...workload.flags }, host.environment)
    refuseContradictions(settings)
    return settings
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${placeText(workload.place)}: ${error.message}`, error.hint, error)
  }
}

const memberOf = ({ namespace, name, sharedIdentity }: Workload, context: Member['context']): Member => ({ key: `${namespace}/${name}`, context, sharedIdentity })

async function applyAll(members: readonly Member[], settings: Settings, io: Io, interruption: AbortSignal): Promise<MemberResult[]> {
  const progress = createProgress(io, members.length)
  try {
    return await runFleet(members, { phases, dryRun: settings.given('dryRun'), interruption, finished: result => { progress.finished(result.member.key, verdictOf(result)) } })
  } finally {
    progress.end()
  }
}

async function prune(workloads: readonly Workload[], app: App, common: Readonly<Record<string, unknown>>, flags: ApplyFlags, { host, log }: Io): Promise<MemberResult[]> {
  const isChosen = matching(flags)
  const options = {
    app, phases, interruption: host.interruption,
    keep: new Set(workloads.map(({ namespace, name }) => `${namespace}/${name}`)),
    mayTouch: isChosen,
    dryRun: app.settings.given('dryRun'),
    settingsFor: (own: Readonly<Record<string, string>>) => new Settings(pruneNames, { ...common, ...own }, host.environment)
  }
  const results = (await Promise.all([...new Set(workloads.flatMap(({ set }) => set ?? []))].map(set => pruneSet(set, options)))).flat()
  results.forEach(result => { log.info(`[${result.member.key}] ${verdictOf(result)}`) })
  return results
}

async function finish(results: readonly MemberResult[], settings: Settings, debug: boolean, io: Io): Promise<void> {
  const dryRun = settings.given('dryRun')
  const view = fleetView(results, dryRun)
  await io.result(view)
  const failed = results.filter(({ failures }) => failures.length > 0)
  const codes = failed.flatMap(({ member, failures }) => failures.map(failure => {
    if (io.format === 'text' || io.format === 'name') io.say(`${member.key}:`)
    return reportError(failure, io, debug)
  }))
  io.log.info(dryRun ? 'planned' : 'applied', view.summary)
  if (codes.length > 0) throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
  if (dryRun && settings.given('detailedExitcode') && results.some(({ changes }) => changesSomething(changes))) throw new ExitStatus(ExitCode.usage)
}

