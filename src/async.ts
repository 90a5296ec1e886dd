/** The same promise for every caller: the work is done when first asked for, and once, even where it fails. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

/** A look-up that is made once a run, whichever phases ask for it. */
export function oncePerRun<Context extends object, T>(
  work: (context: Context) => Promise<T>
): (context: Context) => Promise<T> {
  const results = new WeakMap<Context, Promise<T>>()
  return context => {
    const result = results.get(context) ?? work(context)
    results.set(context, result)
    return result
  }
}

/** Waits for all of some work, whatever fails of it, and then throws what did: one error as it is, several as an AggregateError. */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(work)
  const errors = settled.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors)
}
