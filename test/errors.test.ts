import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellQuoted } from '../src/errors.js'

describe('shellQuoted', () => {
  it.each(['my-app', '/subscriptions/1/resourceGroups/a_b.c', 'https://login.example:443/x', 'a@b', 'rg:x'])(
    'does not change a text without special characters: %s',
    text => {
      expect(shellQuoted(text)).toBe(text)
    }
  )

  it.each([
    ['', "''"],
    ['my app', "'my app'"],
    ['say "hi"', `'say "hi"'`],
    ['$HOME', "'$HOME'"],
    ['`id`', "'`id`'"],
    ["it's", `'it'\\''s'`],
    ['a(b)', "'a(b)'"],
    ['~root', "'~root'"]
  ])('quotes a text that a shell would change: %s', (text, quoted) => {
    expect(shellQuoted(text)).toBe(quoted)
  })

  it('returns a word that a shell passes on as the original text', () => {
    const texts = fc.array(
      fc.string({ unit: 'binary' }).map(text => text.replace(/\0|[\ud800-\udfff]/g, '')),
      { minLength: 20, maxLength: 40 }
    )
    fc.assert(
      fc.property(texts, values => {
        const printed = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${values.map(shellQuoted).join(' ')}`], {
          encoding: 'utf8'
        })
        expect(printed.split('\0').slice(0, -1)).toEqual(values)
      }),
      { numRuns: 20 }
    )
  })
})
