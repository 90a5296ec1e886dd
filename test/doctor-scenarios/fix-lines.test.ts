import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shellQuoted } from '../../src/errors.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { match } from '../helpers/fixes/form.js'
import { runFix } from '../helpers/fixes/run-fix.js'
import { splitLine } from '../helpers/fixes/shell-line.js'

describe('splitLine', () => {
  it.each<[string, readonly string[], string | undefined]>([
    ['kubectl get pods', ['kubectl', 'get', 'pods'], undefined],
    ['  a   b ', ['a', 'b'], undefined],
    [`a 'b c' d'e'f ''`, ['a', 'b c', 'def', ''], undefined],
    [`a 'it'\\''s'`, ['a', "it's"], undefined],
    [`a '{"b": ["c"]}' key- x=y @f`, ['a', '{"b": ["c"]}', 'key-', 'x=y', '@f'], undefined],
    [`printf '%s' '<a> $b' > file.json`, ['printf', '%s', '<a> $b'], 'file.json'],
    ['a >b', ['a'], 'b']
  ])('splits %s', (line, words, output) => {
    expect(splitLine(line)).toEqual({ words, output })
  })

  it.each([
    'a "b"',
    'a $b',
    'a `b`',
    'a; b',
    'a | b',
    'a && b',
    'a <role>',
    'a b*',
    'a {b,c}',
    `a 'b`,
    'a #b',
    'a\nb',
    'a (b)',
    'a ~b',
    'a \\b',
    'a > b c',
    'a >'
  ])('refuses %j, because a shell changes it', line => {
    expect(() => splitLine(line)).toThrow(line)
  })

  it('splits as a shell does', () => {
    const texts = fc.array(fc.array(fc.string({ unit: 'grapheme-ascii' }), { minLength: 1, maxLength: 3 }), {
      minLength: 5,
      maxLength: 20
    })
    fc.assert(
      fc.property(texts, pieces => {
        const line = `printf '%s\\n' ${pieces.map(word => word.map(shellQuoted).join('')).join('   ')}`
        expect(execFileSync('/bin/sh', ['-c', line], { encoding: 'utf8' })).toBe(
          splitLine(line)
            .words.slice(2)
            .map(word => `${word}\n`)
            .join('')
        )
      }),
      { numRuns: 20 }
    )
  })
})

describe('match', () => {
  it('returns the values of the placeholders', () => {
    expect(
      match('kubectl scale {kind}/{name} -n {namespace}', ['kubectl', 'scale', 'deployment/a', '-n', 'b'])
    ).toEqual({ values: { kind: 'deployment', name: 'a', namespace: 'b' }, rest: [] })
    expect(match('a {x} {…}', ['a', 'b', 'c', 'd'])).toEqual({ values: { x: 'b' }, rest: ['c', 'd'] })
  })

  it('matches only the same words in the same order', () => {
    expect(match('a {x}', ['a'])).toBeUndefined()
    expect(match('a {x}', ['a', 'b', 'c'])).toBeUndefined()
    expect(match('a --b {x}', ['a', '--c', 'd'])).toBeUndefined()
    expect(match('a.c', ['abc'])).toBeUndefined()
    expect(match('a {…}', ['a'])).toBeUndefined()
  })
})

describe('runFix', () => {
  const test = useFaultySandbox()

  it('redirects the output to a file', async () => {
    await runFix(test, 'kubectl get --raw /openid/v1/jwks > jwks.json')
    expect(JSON.parse(await readFile(join(test.directory, 'jwks.json'), 'utf8'))).toEqual({
      keys: test.sandbox.state.cluster.publishedKeys
    })
  })

  it('replaces placeholders', async () => {
    await runFix(test, `kubectl create serviceaccount '<name>' --namespace default`, { '<name>': 'app' })
    expect(test.sandbox.state.cluster.serviceAccounts.has('default/app')).toBe(true)
  })

  it.each([
    [`kubectl create serviceaccount '<name>' --namespace default`, 'there is no value for <name>'],
    ['kubectl delete namespace default', 'no known tool accepts this line'],
    ['kubectl delete pod none --namespace default', '404'],
    ['kubectl annotate serviceaccount default --namespace default --overwrite key', 'neither key=value nor key-'],
    ['az ad sp create --id 11111111-1111-1111-1111-111111111111', 'az finds no application'],
    ['az rest --method post --url https://elsewhere.example/x', '--resource'],
    ['azwi serviceaccount create', 'ended with']
  ])('fails and shows the line: %s', async (line, why) => {
    await expect(runFix(test, line)).rejects.toThrow(why)
    await expect(runFix(test, line)).rejects.toThrow(line)
  })
})
