export interface Limiter {
  /** Runs the work when there is room for it. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
  /** A service said that this is too much: the room is halved, and grows again by one with every full round of successes. */
  readonly throttled: () => void
}

/** Bounds how many requests are under way at once, and learns from throttling: additive increase, multiplicative decrease (RFC 5681, 3.1). */
export function createLimiter(most: number): Limiter {
  const waiting: (() => void)[] = []
  let room = most
  let running = 0
  const next = (): void => {
    while (running < Math.max(1, Math.floor(room)) && waiting.length > 0) {
      running += 1
      waiting.shift()?.()
    }
  }
  return {
    run: async work => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        next()
      })
      try {
        const result = await work()
        room = Math.min(most, room + 1 / room)
        return result
      } finally {
        running -= 1
        next()
      }
    },
    throttled: () => {
      room = Math.max(1, room / 2)
    }
  }
}
