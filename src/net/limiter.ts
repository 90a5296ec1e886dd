/** Bounds how many requests run at once. */
export interface Limiter {
  /** Runs the work as soon as fewer requests than the limit are running. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
  /** Halves the limit, because a service answered 429. Each success raises it again, by one for every full round. */
  readonly throttled: () => void
}

/**
 * Creates a limiter that starts at `maximum` and adapts to throttling: additive increase, multiplicative decrease, as in RFC 5681,
 * section 3.1.
 */
export function createLimiter(maximum: number): Limiter {
  const waiting: (() => void)[] = []
  let limit = maximum
  let running = 0
  const startWaiting = (): void => {
    while (running < Math.max(1, Math.floor(limit)) && waiting.length > 0) {
      running += 1
      waiting.shift()?.()
    }
  }
  return {
    run: async work => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        startWaiting()
      })
      try {
        const result = await work()
        limit = Math.min(maximum, limit + 1 / limit)
        return result
      } finally {
        running -= 1
        startWaiting()
      }
    },
    throttled: () => {
      limit = Math.max(1, limit / 2)
    }
  }
}
