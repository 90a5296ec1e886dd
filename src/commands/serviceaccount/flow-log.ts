import { AzwiError } from '../../errors.js'
import { describeChange, nameChange } from '../../terminal/views/changes.js'
import type { Io } from '../../terminal/io.js'
import type { Change } from '../../engine/phase.js'
import type { Event, Flow } from '../../engine/flow.js'

export interface FlowLog {
  /** Puts an event into the log. */
  readonly tell: (event: Event) => void
  /** What has been done so far; in a dry run, what would be. */
  readonly done: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  /** After a failure: what has been done all the same, and how to go on. */
  readonly summarizeFailure: () => void
}

/** Tells what a flow does while it does it, and remembers it for the summary. */
export function createFlowLog({ log, say }: Io, { verb, only }: Flow): FlowLog {
  const done: Change[] = []
  const skipped: { phase: string; reason: string | undefined }[] = []
  const logChange = (phase: string, change: Change, planned: boolean): void => {
    const { level, message, fields } = describeChange(phase, change, planned)
    log[level](message, fields)
    for (const { field, from, to } of change.differences ?? [])
      log.info(`[${phase}]   ${field}: ${shown(from)} → ${shown(to)}`)
  }
  return {
    done,
    skipped,
    tell: event => {
      switch (event.type) {
        case 'skipped':
          skipped.push({ phase: event.phase, reason: event.reason })
          log.info('skipping phase', { phase: event.phase, reason: event.reason })
          return
        case 'planned':
          done.push(event.change)
          logChange(event.phase, event.change, true)
          return
        case 'changed':
          done.push(event.change)
          logChange(event.phase, event.change, false)
          return
        case 'not-started':
          log.warn(`[${event.phase}] not started`, { because: event.because })
          return
        case 'failed':
          log.error(`[${event.phase}] failed`, {
            code: event.error instanceof AzwiError ? event.error.code : undefined
          })
      }
    },
    summarizeFailure: () => {
      const settled = done.filter(({ action }) => action !== 'absent')
      if (settled.length === 0) {
        say('Nothing was changed.')
        return
      }
      const what = verb === 'create' ? 'There now' : 'Dealt with'
      say(`${what}: ${settled.map(nameChange).join(', ')}.`)
      say(
        `To continue, run the same line again (azwi serviceaccount ${verb}${only === undefined ? '' : ` phase ${only.name}`} …): what is done stays done.`
      )
    }
  }
}

const shown = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
