import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMatcher } from '../src/faults/matcher.js'
import { draw } from '../src/faults/seeded-random.js'
import { readFaults } from '../src/faults/read.js'
import { createReplication } from '../src/faults/replication.js'

const anything = { method: 'GET', path: '/' }

/** Reports for each of the first requests whether a rule with this chance matches it. */
function matched(seed: number, chance: number, requests = 1000, index = 0): boolean[] {
  const [rule] = readFaults({ rules: [{ match: { chance }, action: 'reset' }] }).rules
  const matches = createMatcher(rule!.match, seed, index)
  return Array.from({ length: requests }, () => matches(anything, 'arm') !== undefined)
}

/** Returns the millisecond in which each of ten role assignments becomes visible. */
function lags(seed: number, order: readonly string[] = []): number[] {
  const clock = { at: 0 }
  const { lag } = readFaults({ lag: { roleAssignment: { ms: 10, jitter: 90 }, application: { ms: 10, jitter: 90 } } })
  const replication = createReplication({ lag }, seed, () => new Date(clock.at))
  for (const id of order) replication.written('application', id)
  const ids = Array.from({ length: 10 }, (_, index) => `id${index}`)
  for (const id of ids) replication.written('roleAssignment', id)
  const visibleAt = ids.map(() => -1)
  for (; clock.at <= 101; clock.at++) {
    ids.forEach((id, index) => {
      if (visibleAt[index] === -1 && replication.isVisible('roleAssignment', id)) visibleAt[index] = clock.at
    })
  }
  return visibleAt
}

describe('with a seed', () => {
  it('chance matches the same requests each time, and others with another seed', () => {
    expect(matched(42, 0.3)).toEqual(matched(42, 0.3))
    expect(matched(42, 0.3)).not.toEqual(matched(43, 0.3))
    expect(matched(42, 0.3)).not.toEqual(matched(42, 0.3, 1000, 1))
  })

  it('chance matches about that share of the requests', () => {
    for (const chance of [0, 0.1, 0.5, 0.9, 1]) {
      const share = matched(7, chance, 5000).filter(hit => hit).length / 5000
      expect(Math.abs(share - chance)).toBeLessThan(0.03)
    }
  })

  it('jitter is the same each time, in its range, and independent of other writes', () => {
    expect(lags(1)).toEqual(lags(1))
    expect(lags(1)).not.toEqual(lags(2))
    expect(lags(1, ['a', 'b', 'c'])).toEqual(lags(1))
    expect(lags(1).every(at => at >= 10 && at <= 100)).toBe(true)
    expect(new Set(lags(1)).size).toBeGreaterThan(5)
  })

  it('a random number is from 0 to 1 and depends on every index', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1000), fc.nat(1000), (seed, a, b) => {
        const drawn = draw(seed, a, b)
        expect(drawn).toBeGreaterThanOrEqual(0)
        expect(drawn).toBeLessThan(1)
        expect(drawn).toBe(draw(seed, a, b))
        expect(drawn).not.toBe(draw(seed, a, b + 1))
        expect(drawn).not.toBe(draw(seed, a + 1, b))
      })
    )
  })
})
