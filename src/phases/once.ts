/** The same promise for every caller: the work is done when first asked for, and once, even where it fails. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => result ??= work()
}
