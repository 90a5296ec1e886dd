import { describe, expect, it } from 'vitest'
import { batched } from '../../src/net/batch.js'

/** A look-up that returns each key in upper case, and records its batches. */
function upperCase(maximum: number) {
  const batches: (readonly string[])[] = []
  const lookUp = batched(maximum, (keys: readonly string[]) => {
    batches.push(keys)
    return Promise.resolve(new Map(keys.map(key => [key, key.toUpperCase()])))
  })
  return { batches, lookUp }
}

describe('a batched look-up', () => {
  it('looks up all keys of a turn at once, and each key once', async () => {
    const { batches, lookUp } = upperCase(10)
    expect(await Promise.all(['a', 'b', 'a'].map(lookUp))).toEqual(['A', 'B', 'A'])
    expect(batches).toEqual([['a', 'b']])
  })

  it('puts no more keys than the maximum into a batch', async () => {
    const { batches, lookUp } = upperCase(2)
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map(lookUp))).toEqual(['A', 'B', 'C', 'D', 'E'])
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  it('caches nothing', async () => {
    const { batches, lookUp } = upperCase(10)
    await lookUp('a')
    await lookUp('a')
    expect(batches).toEqual([['a'], ['a']])
  })

  it('adds a key to the batch that still waits, while a full batch is looked up', async () => {
    const batches: (readonly string[])[] = []
    let late: Promise<string | undefined> | undefined
    const lookUp = batched(2, (keys: readonly string[]) => {
      batches.push(keys)
      late ??= lookUp('d')
      return Promise.resolve(new Map(keys.map(key => [key, key])))
    })
    await Promise.all(['a', 'b', 'c'].map(lookUp))
    expect(await late).toBe('d')
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd']
    ])
  })

  it('returns undefined for a key without a result', async () => {
    const lookUp = batched(10, () => Promise.resolve(new Map<string, string>()))
    expect(await lookUp('a')).toBeUndefined()
  })

  it('fails for one key without the others, or for the whole batch', async () => {
    const one = batched(10, (keys: readonly string[]) =>
      Promise.resolve(
        new Map(keys.map(key => [key, key === 'a' ? Promise.reject(new Error('no a')) : Promise.resolve(key)]))
      )
    )
    const [a, b] = await Promise.allSettled([one('a'), one('b')])
    expect(a).toMatchObject({ status: 'rejected', reason: { message: 'no a' } })
    expect(b).toEqual({ status: 'fulfilled', value: 'b' })
    const all = batched(10, () => Promise.reject<Map<string, string>>(new Error('nothing')))
    for (const result of await Promise.allSettled([all('a'), all('b')]))
      expect(result).toMatchObject({ status: 'rejected', reason: { message: 'nothing' } })
  })
})
