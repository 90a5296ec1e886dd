/** The results of a batch. A key without an entry has no result. A promise lets one key fail without the others. */
type Results<Key, Value> = ReadonlyMap<Key, Value | Promise<Value | undefined>>

/**
 * Returns a function that looks up one key, and batches calls: all keys that callers ask for in the same turn of the event loop go to
 * one call of `lookUp`, up to `maximum` of them. A batch holds each key once. Nothing is cached: a later call looks the key up again.
 */
export function batched<Key, Value>(
  maximum: number,
  lookUp: (keys: readonly Key[]) => Promise<Results<Key, Value>>
): (key: Key) => Promise<Value | undefined> {
  let open: { readonly keys: Set<Key>; readonly results: Promise<Results<Key, Value>> } | undefined
  return async key => {
    if (open === undefined || open.keys.size >= maximum) {
      const keys = new Set<Key>()
      // Waiting one turn of the event loop lets all pending callers join the batch. A single caller does not notice it.
      const results = new Promise<void>(resolve => {
        setImmediate(resolve)
      }).then(() => {
        if (open?.keys === keys) open = undefined
        return lookUp([...keys])
      })
      open = { keys, results }
    }
    open.keys.add(key)
    return (await open.results).get(key)
  }
}
