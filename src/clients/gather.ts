/**
 * Turns a look-up of many keys into one of a single key: keys that are asked for while others are on their way to be asked for go together,
 * at most `most` at a time. What `lookUp` does not mention has no answer. A key that is asked for twice is looked up twice, unless at the
 * same moment: this gathers, it does not remember. Keys that are looked up one by one after all map to a promise each: so the failure of one
 * is its own.
 */
export function batched<Key, Value>(
  most: number,
  lookUp: (keys: readonly Key[]) => Promise<Answers<Key, Value>>
): (key: Key) => Promise<Value | undefined> {
  let waiting: { readonly keys: Set<Key>; readonly answer: Promise<Answers<Key, Value>> } | undefined
  return async key => {
    if (waiting === undefined || waiting.keys.size >= most) {
      const keys = new Set<Key>()
      // A turn of the event loop is enough for all that is ready to ask; a single asker loses nothing that could be measured.
      const answer = new Promise<void>(resolve => {
        setImmediate(resolve)
      }).then(() => {
        if (waiting?.keys === keys) waiting = undefined
        return lookUp([...keys])
      })
      waiting = { keys, answer }
    }
    waiting.keys.add(key)
    return (await waiting.answer).get(key)
  }
}

type Answers<Key, Value> = ReadonlyMap<Key, Value | Promise<Value | undefined>>
