import fc from 'fast-check'
import { createHttpHeaders } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { backoff, networkErrorCode, retryAfter } from '../../src/net/retry.js'

describe('backoff', () => {
  it('is from zero to half a minute, and its upper bound doubles from one second on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const wait = backoff(attempt, () => random)
          expect(wait).toBeGreaterThanOrEqual(0)
          expect(wait).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** attempt))
        }
      )
    )
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(2024, 0, 1)
  it.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': new Date(now + 5000).toUTCString() }, 5000],
    [{ 'retry-after': new Date(now - 5000).toUTCString() }, 0],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'x-ms-retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250', 'retry-after': '3' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '3' }, 3000],
    [{ 'retry-after-ms': '', 'retry-after': '3' }, 3000],
    [{}, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined]
  ])('%j requests a delay of %s', (headers, milliseconds) => {
    expect(retryAfter(createHttpHeaders(headers), now)).toBe(milliseconds)
  })
})

describe('the code of a failed request', () => {
  it('is found at any depth of the causes', () => {
    const inner = Object.assign(new Error('inner'), { code: 'ECONNRESET' })
    expect(networkErrorCode(new Error('outer', { cause: new Error('middle', { cause: inner }) }))).toBe('ECONNRESET')
    expect(
      networkErrorCode(
        new Error('outer', { cause: Object.assign(new Error(), { code: 'Authorization_RequestDenied' }) })
      )
    ).toBeUndefined()
    expect(networkErrorCode('text')).toBeUndefined()
  })
})
