import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { serializeByKey } from '../src/async.js'

describe('serializeByKey', () => {
  it('runs work with the same key in order, one at a time, and work with different keys concurrently', async () => {
    const inTurn = serializeByKey()
    const events: string[] = []
    let running = 0
    let most = 0
    const work = (name: string, milliseconds: number) => async () => {
      running += 1
      most = Math.max(most, running)
      events.push(`${name} begins`)
      await sleep(milliseconds)
      events.push(`${name} ends`)
      running -= 1
      return name
    }
    const results = await Promise.all([
      inTurn('a', work('a1', 30)),
      inTurn('a', work('a2', 1)),
      inTurn('b', work('b1', 10))
    ])
    expect(results).toEqual(['a1', 'a2', 'b1'])
    expect(events.filter(event => event.startsWith('a'))).toEqual(['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends'])
    expect(events.indexOf('b1 begins')).toBeLessThan(events.indexOf('a1 ends'))
    expect(most).toBe(2)
  })

  it('continues after a failure, and reports it only to its caller', async () => {
    const inTurn = serializeByKey()
    const outcomes = await Promise.allSettled([
      inTurn('a', () => Promise.reject(new Error('no'))),
      inTurn('a', () => Promise.resolve('yes'))
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  })
})
