/** The requests that one command has sent. All of them end before the command resolves. */
export interface RunningRequests {
  /** Aborted when the command has ended. */
  readonly ended: AbortSignal
  /** Registers a request and returns it. */
  readonly add: <T>(request: Promise<T>) => Promise<T>
  /** Cancels the requests that are still running. Resolves when every one of them has ended. */
  readonly end: () => Promise<void>
}

/** Creates the register for a command that starts now. */
export function createRunningRequests(): RunningRequests {
  const abortController = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    ended: abortController.signal,
    add: async request => {
      running.add(request)
      try {
        return await request
      } finally {
        running.delete(request)
      }
    },
    end: async () => {
      abortController.abort()
      while (running.size > 0) await Promise.allSettled(running)
    }
  }
}
