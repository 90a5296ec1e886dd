import type { MemberResult } from '../../engine/fleet.js'
import { describeChange } from './changes.js'
import { type MemberVerdict, verdictOf } from './fleet.js'
import type { Io } from '../io.js'

/** Shows the progress of a run. */
interface Progress {
  /** Reports the result of one workload. */
  readonly finished: (result: MemberResult) => void
  /** Removes the status line. */
  readonly end: () => void
}

const dryRunVerdicts: Readonly<Record<MemberVerdict, string>> = {
  failed: 'failed',
  created: 'would be created',
  updated: 'would be updated',
  deleted: 'would be deleted',
  unchanged: 'unchanged'
}

/**
 * Reports the progress of many workloads. On a terminal: a status line, and a log line for each workload that changes or fails. Elsewhere:
 * a log line for each workload. A dry run adds each planned change, field by field.
 */
export function createProgress(io: Io, total: number, dryRun: boolean): Progress {
  const { showStatusLine, log } = io
  let done = 0
  const showProgress = (): void => showStatusLine?.(done < total ? `${done} of ${total}` : '')
  showProgress()
  return {
    finished: result => {
      const verdict = verdictOf(result)
      const { key } = result.member
      done += 1
      if (showStatusLine === undefined || verdict !== 'unchanged')
        log[verdict === 'failed' ? 'error' : 'info'](`[${key}] ${dryRun ? dryRunVerdicts[verdict] : verdict}`)
      if (dryRun && verdict !== 'unchanged') logChanges(result, io)
      showProgress()
    },
    end: () => showStatusLine?.('')
  }
}

function logChanges({ member, changes }: MemberResult, { log }: Io): void {
  for (const change of changes) {
    const { level, message, fields } = describeChange(member.key, change, true)
    log[level](message, fields)
    for (const { field, from, to } of change.differences ?? [])
      log.info(`[${member.key}]   ${field}: ${quoted(from)} → ${quoted(to)}`)
  }
}

const quoted = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
