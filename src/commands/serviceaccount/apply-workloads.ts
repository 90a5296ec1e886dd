import { type App, createApp } from '../../app.js'
import { flagOf, optionFor, type OptionName, optionsOf } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { ExitCode, ExitStatus, UsageError } from '../../errors.js'
import { fleetView } from '../../terminal/views/fleet.js'
import { changesSomething } from '../../terminal/views/flow.js'
import type { Io } from '../../terminal/io.js'
import { createProgress } from '../../terminal/views/progress.js'
import { reportError } from '../../terminal/report-error.js'
import { type FleetOptions, type Member, type MemberResult, runFleet } from '../../engine/fleet.js'
import { refuseContradictions } from '../../identities/choice.js'
import type { Context, Service } from '../../context.js'
import { type NamedIssuer, refuseOtherIssuers } from '../../ownership/issuer.js'
import { takesPart } from '../../engine/order.js'
import { objectKinds, phases } from '../../phases/index.js'
import { pruneSets } from '../../engine/prune.js'
import { refuseTooManyCredentials } from '../../workloads/sharing.js'
import { placeText } from '../../workloads/document.js'
import { readWorkloads } from '../../workloads/read.js'
import { createSelection, type Selection } from '../../workloads/selection.js'
import type { Workload } from '../../workloads/workload.js'

/** The flags as commander collects them, by camel-case name. */
type Flags = Readonly<Record<string, unknown>>

const commonNames = optionsOf('apply')
/** The options of a workload. The file or the command line sets them. */
const workloadNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.create), ...commonNames])
]
const pruneNames: readonly OptionName[] = [
  ...new Set([...phases.flatMap(phase => phase.options.delete), ...commonNames])
]

interface WorkloadWithSettings {
  readonly workload: Workload
  readonly settings: Settings
}

/**
 * Reads and validates all files, connects their workloads, and with `--prune` deletes what the files no longer contain.
 * Throws a UsageError before the first request, and an ExitStatus if anything failed.
 */
export async function applyWorkloads(givenFlags: Flags, io: Io): Promise<void> {
  const { environment, stdin, interruption } = io.host
  const flags: Flags = { timeout: optionFor('timeout', 'apply').default, ...givenFlags }
  const settings = new Settings(commonNames, flags, environment)
  if (!settings.given('filename')) throw new UsageError('-f is required', 'azwi serviceaccount apply -f workloads.yaml')
  const { workloads, sets } = await readWorkloads(settings.all('filename'), {
    stdin,
    environment: settings.given('substitute') ? environment : undefined
  })
  const selection = createSelection({ include: settings.all('include'), exclude: settings.all('exclude') })
  refuseTooManyCredentials(workloads)
  const all = workloads.map(workload => ({ workload, settings: settingsOf(workload, flags, io) }))
  const selected = all.filter(({ workload }) => selection.includes(workload))
  const prunes = settings.given('prune')
  if (prunes && (sets.length === 0 || sets.includes(undefined))) {
    throw new UsageError(
      '--prune needs to know whose workloads these are',
      'give every file a line such as set: payments'
    )
  }
  // With --prune, a glob can select service accounts that no file contains.
  if (!prunes)
    for (const flag of selection.unmatched(workloads)) io.log.warn(`${flag} fits no namespace/name of the files`)
  const app = createApp(io, settings)
  try {
    await app.prepare(prunes ? new Set(['graph', 'arm', 'kubernetes']) : servicesFor(selected))
    const sharingNamespaces = namespacesByIdentity(workloads)
    const planned = selected.map(each => ({
      member: memberOf(each.workload, {
        ...app.contextFor(each.settings),
        isDeclarative: true,
        sharingNamespaces: sharingNamespaces.get(each.workload.sharedIdentity) ?? new Set()
      }),
      each
    }))
    const issuers = planned.flatMap(({ each, member }) => issuersOfFile(each, member.context))
    let verification: Promise<void> | undefined
    // One wrong issuer fails all workloads: the run is probably in the wrong cluster.
    const verify: FleetOptions['verify'] = (context, plan) =>
      (verification ??= refuseOtherIssuers(context, issuers, plan))
    const results = await applyAll(
      planned.map(({ member }) => member),
      verify,
      settings,
      io
    )
    const pruned =
      prunes && !interruption.aborted
        ? await prune({ all, sets, selection, app, flags, io })
        : { results: [], failures: [] }
    await reportResults([...results, ...pruned.results], pruned.failures, settings, flags.debug === true, io)
  } finally {
    await app.close()
  }
}

/** Returns the namespaces of the workloads that share an identity, by the key of the identity. */
function namespacesByIdentity(workloads: readonly Workload[]): Map<string | undefined, Set<string>> {
  const namespaces = new Map<string | undefined, Set<string>>()
  for (const { sharedIdentity, namespace } of workloads) {
    if (sharedIdentity !== undefined)
      namespaces.set(sharedIdentity, (namespaces.get(sharedIdentity) ?? new Set()).add(namespace))
  }
  return namespaces
}

function servicesFor(workloads: readonly WorkloadWithSettings[]): Set<Service> {
  return new Set(
    workloads.flatMap(({ settings }) =>
      phases.filter(phase => takesPart(phase, settings, 'create')).flatMap(phase => phase.services(settings, 'create'))
    )
  )
}

/** Returns the settings of one workload. An error about a value names its field and its place in the file, not the flag. */
function settingsOf(workload: Workload, flags: Flags, { host }: Io): Settings {
  try {
    const settings = new Settings(workloadNames, { ...flags, ...workload.flags }, host.environment)
    refuseContradictions(settings)
    return settings
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const fieldOfFlag = (flag: string) => {
      const option = workloadNames.find(name => flagOf(name) === flag)
      return option && workload.fieldOf(option)
    }
    const [first = ''] = error.message.split(' ', 1)
    const message = error.message.replace(/--[a-z-]+/g, flag => fieldOfFlag(flag)?.name ?? flag)
    const place = fieldOfFlag(first)?.place ?? workload.place
    throw new UsageError(`${placeText(place)}: ${message}`, error.hint, error)
  }
}

/** Returns the issuer that the file names for a workload, with the place in the file. */
function issuersOfFile({ workload, settings }: WorkloadWithSettings, { issuer }: Context): NamedIssuer[] {
  return (['serviceAccountIssuerUrl', 'aksCluster'] as const)
    .filter(name => settings.given(name))
    .map(name => {
      const place = placeText(workload.fieldOf(name)?.place ?? workload.place)
      const what = name === 'aksCluster' ? `the issuer of the AKS cluster ${settings.require(name)}` : 'the issuer'
      return { origin: `${place}: ${what} is`, issuer }
    })
}

const memberOf = ({ namespace, name, sharedIdentity }: Workload, context: Member['context']): Member => ({
  key: `${namespace}/${name}`,
  context,
  sharedIdentity
})

async function applyAll(
  members: readonly Member[],
  verify: FleetOptions['verify'],
  settings: Settings,
  io: Io
): Promise<MemberResult[]> {
  const dryRun = settings.given('dryRun')
  const progress = createProgress(io, members.length, dryRun)
  try {
    return await runFleet(members, {
      phases,
      dryRun,
      verify,
      interruption: io.host.interruption,
      finished: progress.finished
    })
  } finally {
    progress.end()
  }
}

interface Pruning {
  readonly all: readonly WorkloadWithSettings[]
  readonly sets: readonly (string | undefined)[]
  readonly selection: Selection
  readonly app: App
  readonly flags: Flags
  readonly io: Io
}

/** Deletes what the files no longer contain. Never throws, so that the report still shows what has been applied before. */
async function prune({
  all,
  sets,
  selection,
  app,
  flags,
  io
}: Pruning): Promise<{ results: readonly MemberResult[]; failures: readonly unknown[] }> {
  const { environment, interruption } = io.host
  const dryRun = app.settings.given('dryRun')
  try {
    const results = await pruneSets(new Set(sets.flatMap(set => set ?? [])), {
      app,
      phases,
      interruption,
      keep: new Set(all.map(({ workload: { namespace, name } }) => `${namespace}/${name}`)),
      workloads: all.map(({ settings }) => app.contextFor(settings)),
      isSelected: selection.includes,
      dryRun,
      settingsFor: (accountFlags: Readonly<Record<string, string>>) =>
        new Settings(pruneNames, { ...flags, ...accountFlags }, environment)
    })
    const progress = createProgress(io, results.length, dryRun)
    results.forEach(progress.finished)
    progress.end()
    return { results, failures: [] }
  } catch (error) {
    return { results: [], failures: [error] }
  }
}

/** Prints the result and the errors. Throws an ExitStatus if anything failed, or for `--detailed-exitcode`. */
async function reportResults(
  results: readonly MemberResult[],
  otherFailures: readonly unknown[],
  settings: Settings,
  debug: boolean,
  io: Io
): Promise<void> {
  const dryRun = settings.given('dryRun')
  const view = fleetView(results, objectKinds, dryRun)
  await io.printResult(view)
  const failures = [...distinctFailures(results), ...otherFailures.map(failure => ({ failure, keys: [] }))]
  const codes = failures.map(({ failure, keys }) => {
    if (keys.length > 0 && (io.format === 'text' || io.format === 'name')) io.printMessage(`${enumerated(keys)}:`)
    return reportError(failure, io, debug)
  })
  io.log.info(dryRun ? 'planned' : 'applied', view.summary)
  if (codes.length > 0) throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
  if (dryRun && settings.given('detailedExitcode') && results.some(({ changes }) => changesSomething(changes)))
    throw new ExitStatus(ExitCode.usage)
}

interface DistinctFailure {
  readonly failure: unknown
  /** `namespace/name` of the workloads that failed with it. */
  readonly keys: readonly string[]
}

/** Returns each failure once: a failed login can be the failure of a thousand workloads. */
function distinctFailures(results: readonly MemberResult[]): DistinctFailure[] {
  const byMessage = new Map<string, { failure: unknown; keys: string[] }>()
  for (const { member, failures } of results) {
    for (const failure of failures) {
      const message = failure instanceof Error ? failure.message : String(failure)
      const known = byMessage.get(message) ?? { failure, keys: [] }
      known.keys.push(member.key)
      byMessage.set(message, known)
    }
  }
  return [...byMessage.values()]
}

const maxNamed = 5
const enumerated = (keys: readonly string[]): string =>
  keys.length <= maxNamed ? keys.join(', ') : `${keys.slice(0, maxNamed).join(', ')} and ${keys.length - maxNamed} more`
