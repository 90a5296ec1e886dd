import { createApp } from '../../app.js'
import { optionFor } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { UsageError } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { createProgress } from '../../terminal/views/progress.js'
import { type FleetOptions, type Member, type MemberResult, runFleet } from '../../engine/fleet.js'
import type { Service } from '../../context.js'
import { refuseOtherIssuers, requireKnownIssuer } from '../../ownership/issuer.js'
import { takesPart } from '../../engine/order.js'
import { phases } from '../../phases/index.js'
import { refuseTooManyCredentials } from '../../workloads/sharing.js'
import { readWorkloads } from '../../workloads/read.js'
import { createSelection } from '../../workloads/selection.js'
import type { Workload } from '../../workloads/workload.js'
import { removeLeftovers } from './apply-prune.js'
import { reportResults } from './apply-report.js'
import { commonNames, type Flags, issuersOfFile, settingsOf } from './apply-settings.js'
import { canPrompt } from './confirm.js'

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
  const prunes = settings.given('prune')
  if (prunes) refuseUnconfirmedPrune(settings, io)
  const { workloads, unusedDefaults, sets } = await readWorkloads(settings.all('filename'), {
    stdin,
    environment: settings.given('substitute') ? environment : undefined
  })
  const selection = createSelection({ include: settings.all('include'), exclude: settings.all('exclude') })
  refuseTooManyCredentials(workloads)
  const all = workloads.map(workload => ({ workload, settings: settingsOf(workload, flags, io) }))
  const defaults = unusedDefaults.map(workload => ({ workload, settings: settingsOf(workload, flags, io) }))
  const selected = all.filter(({ workload }) => selection.includes(workload))
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
    const members = selected.map(({ workload, settings }) =>
      memberOf(workload, {
        ...app.contextFor(settings),
        isDeclarative: true,
        sharingNamespaces: sharingNamespaces.get(workload.sharedIdentity) ?? new Set()
      })
    )
    // A prune also deletes what is not selected for the apply, so that every issuer in the files must be the right one.
    const issuers = (prunes ? [...all, ...defaults] : selected).flatMap(({ workload, settings }) =>
      issuersOfFile(workload, app.contextFor(settings))
    )
    let verification: Promise<unknown> | undefined
    // One wrong issuer fails all workloads: the run is probably in the wrong cluster.
    const verify: FleetOptions['verify'] = async (context, plan) => {
      verification ??= Promise.all([
        refuseOtherIssuers(context, issuers, plan),
        ...(prunes ? [requireKnownIssuer(context)] : [])
      ])
      await verification
    }
    const applied = await applyAll(members, verify, settings, io)
    const contexts = all.map(({ workload: { namespace, name }, settings: own }) => ({
      key: `${namespace}/${name}`,
      context: app.contextFor(own)
    }))
    const { results, failures } = interruption.aborted
      ? { results: applied, failures: [] }
      : await removeLeftovers({ app, io, flags, applied, workloads: contexts, sets, selection, verify })
    await reportResults(results, failures, settings, flags.debug === true, io)
  } finally {
    await app.close()
  }
}

/** Throws a UsageError if a prune would delete without a question, because nobody can answer it. */
function refuseUnconfirmedPrune(settings: Settings, io: Io): void {
  if (settings.given('yes') || settings.given('dryRun')) return
  const readsStdin = settings.all('filename').includes('-')
  if (!readsStdin && canPrompt(io)) return
  throw new UsageError(
    `--prune deletes what the files no longer contain, and nobody can be asked${readsStdin ? ': stdin has the file' : ''}`,
    'see what it would delete with --dry-run, then add --yes'
  )
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
