/** Returns a function that does the work once, when first called, and gives every caller the same promise, even if it rejects. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

/**
 * Returns a function that does the work once for each context, when first called, and gives every caller the same promise. Copies of a context
 * that have the same settings share the promise.
 */
export function oncePerContext<Context extends { readonly settings: object }, T>(
  work: (context: Context) => Promise<T>
): (context: Context) => Promise<T> {
  const results = new WeakMap<object, Promise<T>>()
  return context => {
    const result = results.get(context.settings) ?? work(context)
    results.set(context.settings, result)
    return result
  }
}

/**
 * Awaits all promises and returns their results, as `Promise.all` does. If several reject, throws the error of the first one in the list, not of the
 * one that rejected first.
 */
export async function allInOrder<const T extends readonly unknown[]>(
  work: T
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(work)
  for (const promise of work) await promise
  return Promise.all(work)
}

/** Awaits all promises, even if some reject. Then throws what they rejected with: one error as it is, several as an AggregateError. */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(work)
  const errors = settled.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []))
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new AggregateError(errors)
}

/** Resolves to the result of the work, or to undefined if it fails or takes longer. Never rejects. */
export async function withinMilliseconds<T>(
  milliseconds: number,
  work: () => Promise<T>,
  sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
): Promise<T | undefined> {
  const finished = new AbortController()
  const timeout = sleep(milliseconds, finished.signal).then(() => undefined)
  // If the work ends first, the aborted sleep rejects and nothing awaits it any more.
  timeout.catch(() => undefined)
  try {
    return await Promise.race([work(), timeout])
  } catch {
    return undefined
  } finally {
    finished.abort()
  }
}

/**
 * Returns a function that runs work one at a time for each key, in the order of the calls. Work under different keys runs concurrently.
 * Work starts even if the work before it failed.
 */
export function serializeByKey(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const previous = last.get(key) ?? Promise.resolve()
    const current = previous.then(work, work)
    last.set(key, current)
    try {
      return await current
    } finally {
      if (last.get(key) === current) last.delete(key)
    }
  }
}
