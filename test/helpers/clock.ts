import type { Host } from '../../src/main.js'

export interface Clock extends Pick<Host, 'now' | 'sleep' | 'schedule'> {
  /** The length in milliseconds of every sleep so far, in the order in which they began. */
  readonly sleeps: readonly number[]
  /** Resolves when some milliseconds have passed. A service calls this to keep a request waiting. */
  readonly hold: (milliseconds: number) => Promise<void>
  /** Lets some milliseconds pass now. */
  readonly advance: (milliseconds: number) => void
  /** Counts the requests and the sleeps that have not ended. */
  readonly pending: () => { readonly requests: number; readonly sleeps: number }
}

interface Event {
  /** The time on this clock. */
  readonly due: number
  /** The source of the event: the time-out of a running request, a sleep of azwi, or a service that holds a request. */
  readonly kind: 'timer' | 'sleep' | 'hold'
  readonly happen: () => void
}

/** The number of turns of the event loop after which azwi has continued if it can. */
const quietTurns = 5
/** Node's names for work outside of the event loop: files, host names, child processes. */
const outsideWork = /^(FSReq|GetAddrInfo|Process)/

/**
 * Creates a clock that does not depend on the machine. The time does not change while azwi works. It advances to the next event if azwi can
 * only wait: for sleeps, and for requests that a service holds.
 */
export function createClock(): Clock {
  let time = 0
  let changes = 0
  const events = new Set<Event>()
  const sleeps: number[] = []

  const add = (milliseconds: number, kind: Event['kind'], action: () => void): (() => void) => {
    const event: Event = {
      due: time + milliseconds,
      kind,
      happen: () => {
        events.delete(event)
        action()
      }
    }
    events.add(event)
    watch()
    return () => {
      if (events.delete(event)) watch()
    }
  }
  const next = (): Event | undefined => [...events].sort((a, b) => a.due - b.due)[0]
  const advanceTo = (until: number): void => {
    for (let event = next(); event !== undefined && event.due <= until; event = next()) {
      time = Math.max(time, event.due)
      event.happen()
    }
    time = Math.max(time, until)
  }
  const count = (kind: Event['kind']): number => [...events].filter(event => event.kind === kind).length
  const canOnlyWait = (): boolean => count('timer') <= count('hold') && count('sleep') + count('hold') > 0
  /** Checks in each turn whether the time must advance, until an event is added or removed. */
  const watch = (turns = quietTurns, since = ++changes): void => {
    setImmediate(() => {
      const event = next()
      if (since !== changes || event === undefined) return
      if (event.due > time) {
        if (!canOnlyWait()) return
        if (process.getActiveResourcesInfo().some(name => outsideWork.test(name))) {
          setTimeout(watch, 1, quietTurns, since)
          return
        }
        if (turns > 0) {
          watch(turns - 1, since)
          return
        }
      }
      advanceTo(event.due)
      watch()
    })
  }

  return {
    now: () => time,
    sleeps,
    schedule: (milliseconds, action) => add(milliseconds, 'timer', action),
    hold: milliseconds =>
      new Promise(resolve => {
        add(milliseconds, 'hold', resolve)
      }),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      sleeps.push(milliseconds)
      let cancel: () => void = () => undefined
      try {
        await new Promise<void>((resolve, reject) => {
          cancel = () => {
            reject(new Error('the sleep was aborted', { cause: signal?.reason }))
          }
          signal?.addEventListener('abort', cancel)
          const remove = add(milliseconds, 'sleep', resolve)
          signal?.addEventListener('abort', remove, { once: true })
        })
      } finally {
        signal?.removeEventListener('abort', cancel)
      }
    },
    advance: milliseconds => {
      advanceTo(time + milliseconds)
      watch()
    },
    pending: () => ({ requests: count('timer'), sleeps: count('sleep') })
  }
}
