import type { MemberResult } from '../../engine/fleet.js'
import { describeChange } from './changes.js'
import { type MemberVerdict, verdictOf } from './fleet.js'
import type { Io } from '../io.js'

export interface Progress {
  /** One more is done. */
  readonly finished: (result: MemberResult) => void
  /** Takes the live line away. */
  readonly end: () => void
}

const planned: Readonly<Record<MemberVerdict, string>> = {
  failed: 'failed',
  created: 'would be created',
  updated: 'would be updated',
  deleted: 'would be deleted',
  unchanged: 'unchanged'
}

/**
 * On a terminal one live line, and a line only for what is not unchanged; in a pipe or in CI a plain line for each. In a dry run, below each
 * what would be done, field by field.
 */
export function createProgress(io: Io, total: number, dryRun: boolean): Progress {
  const { live, log } = io
  let done = 0
  const tellHowFar = (): void => live?.(done < total ? `${done} of ${total}` : '')
  tellHowFar()
  return {
    finished: result => {
      const verdict = verdictOf(result)
      const { key } = result.member
      done += 1
      if (live === undefined || verdict !== 'unchanged')
        log[verdict === 'failed' ? 'error' : 'info'](`[${key}] ${dryRun ? planned[verdict] : verdict}`)
      if (dryRun && verdict !== 'unchanged') tellPlan(result, io)
      tellHowFar()
    },
    end: () => live?.('')
  }
}

function tellPlan({ member, changes }: MemberResult, { log }: Io): void {
  for (const change of changes) {
    const { level, message, fields } = describeChange(member.key, change, true)
    log[level](message, fields)
    for (const { field, from, to } of change.differences ?? [])
      log.info(`[${member.key}]   ${field}: ${shown(from)} → ${shown(to)}`)
  }
}

const shown = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
