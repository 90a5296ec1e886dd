export interface Limiter {
  /** Runs the work when there is room for it. */
  readonly run: <T>(work: () => Promise<T>) => Promise<T>
  /** A service said that this is too much: the room is halved, and grows again by one with every full round of successes. */
  readonly throttled: () => void
}

/** Bounds how many requests are under way at once, and learns from throttling: additive increase, multiplicative decrease (RFC 5681, 3.1). */
export function createLimiter(most: number): Limiter {
  const waiting: (() => void)[] = []
  let room = most
  let running = 0
  const next = (): void => {
    while (running < Math.max(1, Math.floor(room)) && waiting.length > 0) {
      running += 1
      waiting.shift()?.()
    }
  }
  return {
    run: async work => {
      await new Promise<void>(resolve => {
        waiting.push(resolve)
        next()
      })
      try {
        const result = await work()
        room = Math.min(most, room + 1 / room)
        return result
      } finally {
        running -= 1
        next()
      }
    },
    throttled: () => {
      room = Math.max(1, room / 2)
    }
  }
}

/** Work under one key is done one after the other, in the order asked for; under different keys side by side. A failure does not stop the next. */
export function serializeByKey(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const before = last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    last.set(key, mine)
    try {
      return await mine
    } finally {
      if (last.get(key) === mine) last.delete(key)
    }
  }
}

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
