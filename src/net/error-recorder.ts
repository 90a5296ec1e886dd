/** Records the errors of functions that an SDK calls. An SDK replaces such an error with its own, and loses the cause. */
export interface ErrorRecorder {
  /** Returns the same function, with its errors recorded. */
  readonly record: <Arguments extends readonly unknown[], Result>(
    call: (...parameters: Arguments) => Promise<Result>
  ) => (...parameters: Arguments) => Promise<Result>
  /** Returns the last error, or undefined if there was none since `clear`. */
  readonly last: () => unknown
  readonly clear: () => void
}

/** Creates a recorder without an error. */
export function createErrorRecorder(): ErrorRecorder {
  let last: unknown
  return {
    record:
      call =>
      async (...parameters) => {
        try {
          return await call(...parameters)
        } catch (error) {
          last = error
          throw error
        }
      },
    last: () => last,
    clear: () => {
      last = undefined
    }
  }
}
