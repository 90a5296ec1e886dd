import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/domain/duration.js'

describe('parseDuration', () => {
  it.each([
    ['1h30m', 5400],
    ['90m', 5400],
    ['1.5h', 5400],
    ['3600s', 3600],
    ['1h0m0s', 3600],
    ['3600', 3600],
    ['0', 0],
    ['0s', 0],
    ['+1h', 3600],
    ['-1h', -3600],
    ['-0', 0],
    ['1h1h', 7200],
    ['.5h', 1800],
    ['1.h', 3600],
    ['4.35h', 15660],
    ['0.1h', 360],
    ['1500ms', 1.5],
    ['1us', 1e-6],
    ['1µs', 1e-6],
    ['1μs', 1e-6],
    ['1ns', 1e-9],
    ['24h', 86_400],
    ['1m1ms', 60.001]
  ])('parses %s as %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  it.each([
    '',
    ' ',
    '1 h',
    ' 1h',
    '1h ',
    'h',
    '1d',
    '1H',
    '.h',
    '.',
    '-',
    '+',
    '--1h',
    '1h-1m',
    '1.5',
    '1e3',
    '1h30',
    '0x10',
    '1h\n',
    '9999999999h',
    '1'.repeat(40)
  ])('returns undefined for %j', text => {
    expect(parseDuration(text)).toBeUndefined()
  })
})

describe('formatDuration', () => {
  it.each([
    [3600, '1h0m0s'],
    [5400, '1h30m0s'],
    [86_400, '24h0m0s'],
    [90, '1m30s'],
    [60, '1m0s'],
    [59, '59s'],
    [10, '10s'],
    [0, '0s'],
    [-3600, '-1h0m0s'],
    [3601.5, '1h0m1.5s']
  ])('prints %d as Go does: %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  it('writes a text that parses to the same number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000_000, max: 10_000_000 }), seconds => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds)
      })
    )
  })
})

it('parseDuration adds up the parts, in any order of units', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.nat(600), fc.nat(6000), (hours, minutes, seconds) => {
      const total = hours * 3600 + minutes * 60 + seconds
      expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(total)
      expect(parseDuration(`${seconds}s${minutes}m${hours}h`)).toBe(total)
      expect(parseDuration(String(total))).toBe(total)
    })
  )
})
