import type { Event, Flow } from '../../engine/flow.js'
import type { Change } from '../../engine/phase.js'
import { AzwiError } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { describeChange, nameChange } from '../../terminal/views/changes.js'

/** Collects the events of a flow. */
interface FlowLog {
  /** Logs an event and keeps it for the result. */
  readonly record: (event: Event) => void
  /** The changes so far or, in a dry run, the planned changes. */
  readonly changes: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  /** Prints what was done before a failure, and how to continue. */
  readonly summarizeFailure: () => void
}

/** Creates a log for one run of a flow. */
export function createFlowLog({ log, printMessage }: Io, { verb, only }: Flow): FlowLog {
  const changes: Change[] = []
  const skipped: { phase: string; reason: string | undefined }[] = []
  const recordChange = (phase: string, change: Change, isPlanned: boolean): void => {
    changes.push(change)
    const { level, message, fields } = describeChange(phase, change, isPlanned)
    log[level](message, fields)
    for (const { field, from, to } of change.differences ?? [])
      log.info(`[${phase}]   ${field}: ${quotedOrNone(from)} → ${quotedOrNone(to)}`)
  }
  return {
    changes,
    skipped,
    record: event => {
      switch (event.type) {
        case 'skipped':
          skipped.push({ phase: event.phase, reason: event.reason })
          log.info('skipping phase', { phase: event.phase, reason: event.reason })
          return
        case 'planned':
        case 'changed':
          recordChange(event.phase, event.change, event.type === 'planned')
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
      const done = changes.filter(({ action }) => action !== 'absent')
      if (done.length === 0) {
        printMessage('Nothing was changed.')
        return
      }
      printMessage(`${verb === 'create' ? 'There now' : 'Dealt with'}: ${done.map(nameChange).join(', ')}.`)
      const command = `azwi serviceaccount ${verb}${only === undefined ? '' : ` phase ${only.name}`}`
      printMessage(`To continue, run the same line again (${command} …): what is done stays done.`)
    }
  }
}

const quotedOrNone = (value: string | undefined): string => (value === undefined ? '(none)' : JSON.stringify(value))
