import type { Settings } from '../../config/settings.js'
import type { MemberResult } from '../../engine/fleet.js'
import { ExitCode, ExitStatus } from '../../errors.js'
import { objectKinds } from '../../phases/index.js'
import type { Io } from '../../terminal/io.js'
import { reportError } from '../../terminal/report-error.js'
import { fleetView, hasLeftovers } from '../../terminal/views/fleet.js'
import { changesSomething } from '../../terminal/views/flow.js'

/** Prints the result and the errors. Throws an ExitStatus if anything failed, or for `--detailed-exitcode`. */
export async function reportResults(
  results: readonly MemberResult[],
  otherFailures: readonly unknown[],
  settings: Settings,
  debug: boolean,
  io: Io
): Promise<void> {
  const dryRun = settings.given('dryRun')
  const view = fleetView(results, objectKinds, dryRun)
  await io.printResult(view)
  const ofWorkloads = distinctFailures(results)
  const failures = [
    ...ofWorkloads,
    ...otherFailures
      .filter(failure => !ofWorkloads.some(known => messageOf(known.failure) === messageOf(failure)))
      .map(failure => ({ failure, keys: [] }))
  ]
  const codes = failures.map(({ failure, keys }) => {
    if (keys.length > 0 && (io.format === 'text' || io.format === 'name')) io.printMessage(`${enumerated(keys)}:`)
    return reportError(failure, io, debug)
  })
  io.log.info(dryRun ? 'planned' : 'applied', view.summary)
  if (codes.length > 0) throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
  if (
    dryRun &&
    settings.given('detailedExitcode') &&
    results.some(result => changesSomething(result.changes) || hasLeftovers(result))
  )
    throw new ExitStatus(ExitCode.usage)
}

const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure))

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
      const message = messageOf(failure)
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
