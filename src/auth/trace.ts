/** Remembers what goes wrong below an SDK that puts an error of its own in its place. */
export interface ErrorRecorder {
  <Input extends readonly unknown[], Output>(
    work: (...input: Input) => Promise<Output>
  ): (...input: Input) => Promise<Output>
  /** What last went wrong underneath, for the SDK puts an error of its own in its place. */
  last(): unknown
  forget(): void
}

/** A trace that has seen nothing yet. What it wraps works as before. */
export function createErrorRecorder(): ErrorRecorder {
  let last: unknown
  const trace =
    <Input extends readonly unknown[], Output>(work: (...input: Input) => Promise<Output>) =>
    async (...input: Input): Promise<Output> => {
      try {
        return await work(...input)
      } catch (error) {
        last = error
        throw error
      }
    }
  return Object.assign(trace, {
    last: () => last,
    forget: () => {
      last = undefined
    }
  })
}
