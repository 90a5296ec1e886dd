/** What Entra remembers of exchanges that found no credential. */
export interface FailedExchanges {
  /** The failure, while it is remembered: the credential may be there by now, and is not looked for. */
  recall: (exchange: string) => Error | undefined
  remember: (exchange: string, failure: Error) => void
}

/** Remembers a failure for so long from when it happened; being asked again does not make it longer. */
export function createFailedExchanges(milliseconds: number, now: () => Date): FailedExchanges {
  const failures = new Map<string, { readonly failure: Error; readonly until: number }>()
  return {
    recall: exchange => {
      const remembered = failures.get(exchange)
      return remembered !== undefined && now().getTime() < remembered.until ? remembered.failure : undefined
    },
    remember: (exchange, failure) => {
      if (milliseconds > 0) failures.set(exchange, { failure, until: now().getTime() + milliseconds })
    }
  }
}
