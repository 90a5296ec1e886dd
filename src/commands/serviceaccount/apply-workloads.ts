import { type App, createApp } from '../../app.js'
import { flagOf, optionFor, type OptionName, optionsOf } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { ExitCode, ExitStatus, UsageError } from '../../errors.js'
import { fleetView } from '../../terminal/views/fleet.js'
import { changesSomething } from '../../terminal/views/flow.js'
import type { Io } from '../../terminal/io.js'
import { createProgress } from '../../terminal/views/progress.js'
import { reportError } from '../../terminal/report-error.js'
import { type Member, type MemberResult, runFleet } from '../../engine/fleet.js'
import { refuseContradictions } from '../../identities/choice.js'
import type { Service } from '../../context.js'
import { takesPart } from '../../engine/order.js'
import { objectKinds, phases } from '../../phases/index.js'
import { pruneSets } from '../../engine/prune.js'
import { refuseTooManyCredentials } from '../../workloads/sharing.js'
import { placeText } from '../../workloads/document.js'
import { readWorkloads } from '../../workloads/read.js'
import { selectionOf } from '../../workloads/selection.js'
import type { Workload } from '../../workloads/workload.js'
import type { ApplyFlags } from './apply.js'

const commonNames = optionsOf('apply')
/** The options that a workload can set, and those of the command line. */
const workloadNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.create), ...commonNames])
]
const pruneNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.delete), ...commonNames])
]

/** Reads all, validates all, then connects all; with `--prune` takes away what is left over. Throws a UsageError before anything is sent. */
export async function applyWorkloads(flags: ApplyFlags, io: Io): Promise<void> {
  const { environment, stdin, interruption } = io.host
  if (flags.filename === undefined)
    throw new UsageError('-f is required', 'azwi serviceaccount apply -f workloads.yaml')
  const common = { timeout: optionFor('timeout', 'apply').default, ...flags }
  const settings = new Settings(commonNames, common, environment)
  const { workloads, sets } = await readWorkloads(flags.filename, {
    stdin,
    environment: flags.substitute === true ? environment : undefined
  })
  const { chooses, idle } = selectionOf(flags)
  refuseTooManyCredentials(workloads)
  const all = workloads.map(workload => ({ workload, settings: settingsOf(workload, common, io) }))
  const described = all.filter(({ workload }) => chooses(workload))
  if (flags.prune === true && (sets.length === 0 || sets.includes(undefined))) {
    throw new UsageError(
      '--prune needs to know whose workloads these are',
      'give every file a line such as set: payments'
    )
  }
  // What is pruned is in no file.
  if (flags.prune !== true)
    for (const glob of idle(workloads)) io.log.warn(`${glob} fits no namespace/name of the files`)
  const app = createApp(io, settings)
  try {
    await app.prepare(
      servicesFor(
        described.map(each => each.settings),
        flags
      )
    )
    const members = described.map(each =>
      memberOf(each.workload, { ...app.contextFor(each.settings), isDeclarative: true })
    )
    const results = await applyAll(members, settings, io, interruption)
    const pruned =
      flags.prune === true && !interruption.aborted
        ? await prune(all, sets, app, common, flags, io)
        : { results: [], failures: [] }
    await finish([...results, ...pruned.results], pruned.failures, settings, flags.debug === true, io)
  } finally {
    app.close()
  }
}

/** What is pruned may be of either kind, and has roles: that takes every service. */
function servicesFor(all: readonly Settings[], { prune = false }: ApplyFlags): Set<Service> {
  if (prune) return new Set(['graph', 'arm', 'kubernetes'])
  return new Set(
    all.flatMap(each => phases.filter(phase => takesPart(phase, each)).flatMap(phase => phase.services(each, 'create')))
  )
}

/** The settings of one workload. What is wrong with a value is told with its place in the file, by the name of its field. */
function settingsOf(workload: Workload, common: Readonly<Record<string, unknown>>, { host }: Io): Settings {
  try {
    const settings = new Settings(workloadNames, { ...common, ...workload.flags }, host.environment)
    refuseContradictions(settings)
    return settings
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const flag = workloadNames.find(name => error.message.startsWith(`${flagOf(name)} `))
    const field = flag === undefined ? undefined : workload.fieldOf(flag)
    const message =
      flag === undefined || field === undefined
        ? error.message
        : `${field.name}${error.message.slice(flagOf(flag).length)}`
    throw new UsageError(`${placeText(field?.place ?? workload.place)}: ${message}`, error.hint, error)
  }
}

const memberOf = ({ namespace, name, sharedIdentity }: Workload, context: Member['context']): Member => ({
  key: `${namespace}/${name}`,
  context,
  sharedIdentity
})

async function applyAll(
  members: readonly Member[],
  settings: Settings,
  io: Io,
  interruption: AbortSignal
): Promise<MemberResult[]> {
  const dryRun = settings.given('dryRun')
  const progress = createProgress(io, members.length, dryRun)
  try {
    return await runFleet(members, { phases, dryRun, interruption, finished: progress.finished })
  } finally {
    progress.end()
  }
}

interface Described {
  readonly workload: Workload
  readonly settings: Settings
}

/** What is in the way of a whole set must not hide what has been applied before. */
async function prune(
  all: readonly Described[],
  sets: readonly (string | undefined)[],
  app: App,
  common: Readonly<Record<string, unknown>>,
  flags: ApplyFlags,
  io: Io
): Promise<{ results: readonly MemberResult[]; failures: readonly unknown[] }> {
  const { host } = io
  const options = {
    app,
    phases,
    interruption: host.interruption,
    keep: new Set(all.map(({ workload: { namespace, name } }) => `${namespace}/${name}`)),
    workloads: all.map(({ settings }) => app.contextFor(settings)),
    isSelected: selectionOf(flags).chooses,
    dryRun: app.settings.given('dryRun'),
    settingsFor: (own: Readonly<Record<string, string>>) =>
      new Settings(pruneNames, { ...common, ...own }, host.environment)
  }
  try {
    const results = await pruneSets(new Set(sets.flatMap(set => set ?? [])), options)
    const progress = createProgress(io, results.length, options.dryRun)
    results.forEach(progress.finished)
    progress.end()
    return { results, failures: [] }
  } catch (error) {
    return { results: [], failures: [error] }
  }
}

async function finish(
  results: readonly MemberResult[],
  others: readonly unknown[],
  settings: Settings,
  debug: boolean,
  io: Io
): Promise<void> {
  const dryRun = settings.given('dryRun')
  const view = fleetView(results, objectKinds, dryRun)
  await io.result(view)
  const codes = [...batched(results), ...others.map(failure => ({ failure, keys: [] }))].map(({ failure, keys }) => {
    if (keys.length > 0 && (io.format === 'text' || io.format === 'name')) io.say(`${enumerated(keys)}:`)
    return reportError(failure, io, debug)
  })
  io.log.info(dryRun ? 'planned' : 'applied', view.summary)
  if (codes.length > 0) throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
  if (dryRun && settings.given('detailedExitcode') && results.some(({ changes }) => changesSomething(changes)))
    throw new ExitStatus(ExitCode.usage)
}

/** The distinct failures, each with those that it befell: a thousand workloads fail of one login once. */
function batched(results: readonly MemberResult[]): { readonly failure: unknown; readonly keys: readonly string[] }[] {
  const found = new Map<string, { failure: unknown; keys: string[] }>()
  for (const { member, failures } of results) {
    for (const failure of failures) {
      const text = failure instanceof Error ? failure.message : String(failure)
      const known = found.get(text) ?? { failure, keys: [] }
      known.keys.push(member.key)
      found.set(text, known)
    }
  }
  return [...found.values()]
}

const mostNamed = 5
const enumerated = (keys: readonly string[]): string =>
  keys.length <= mostNamed
    ? keys.join(', ')
    : `${keys.slice(0, mostNamed).join(', ')} and ${keys.length - mostNamed} more`
