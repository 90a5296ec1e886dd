import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellQuoted } from '../src/errors.js'

describe('a value in a line that is to be pasted', () => {
  it.each(['my-app', '/subscriptions/1/resourceGroups/a_b.c', 'https://login.example:443/x', 'a@b', 'rg:x'])(
    'stays as it is where a shell would leave it: %s',
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
  ])('is quoted where a shell would change it: %s', (text, quoted) => {
    expect(shellQuoted(text)).toBe(quoted)
  })

  it('is what the shell hands on', () => {
    const texts = fc.array(
      fc.string({ unit: 'binary' }).map(text => text.replace(/\0|[\ud800-\udfff]/g, '')),
      { minLength: 20, maxLength: 40 }
    )
    fc.assert(
      fc.property(texts, values => {
        const said = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${values.map(shellQuoted).join(' ')}`], {
          encoding: 'utf8'
        })
        expect(said.split('\0').slice(0, -1)).toEqual(values)
      }),
      { numRuns: 20 }
    )
  })
})
