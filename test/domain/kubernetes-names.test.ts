import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namespaceProblem, serviceAccountNameProblem } from '../../src/domain/kubernetes-names.js'

describe('namespaceProblem', () => {
  it.each(['default', 'a', '0', 'kube-system', 'a--b', 'x'.repeat(63)])('accepts %s', text => {
    expect(namespaceProblem(text)).toBeUndefined()
  })

  it.each([
    ['', /is empty/],
    ['x'.repeat(64), /has 64 characters.*63/],
    ['Default', /lower-case/],
    ['a_b', /lower-case/],
    ['a.b', /lower-case/],
    ['a b', /lower-case/],
    ['a\n', /lower-case/],
    ['-a', /begin and end/],
    ['a-', /begin and end/],
    ['ä', /lower-case/]
  ])('refuses %j', (text, reason) => {
    expect(namespaceProblem(text)).toMatch(reason)
  })
})

describe('serviceAccountNameProblem', () => {
  it.each(['azwi-sa', 'a.b', 'web.v1-2.team', 'x'.repeat(253), `${'x'.repeat(100)}.y`])('accepts %s', text => {
    expect(serviceAccountNameProblem(text)).toBeUndefined()
  })

  it.each([
    ['', /is empty/],
    ['x'.repeat(254), /has 254 characters.*253/],
    ['Azwi', /lower-case/],
    ['.a', /dot/],
    ['a.', /dot/],
    ['a..b', /dot/],
    ['.', /dot/],
    ['a.-b', /begin and end/],
    ['a-.b', /begin and end/],
    ['a/b', /lower-case/],
    ['a\n', /lower-case/]
  ])('refuses %j', (text, reason) => {
    expect(serviceAccountNameProblem(text)).toMatch(reason)
  })
})

it('both accept the same names as the patterns of apimachinery', () => {
  const text = fc
    .array(fc.constantFrom('a', '9', '-', '.', 'A', '\n'), { maxLength: 8 })
    .map(letters => letters.join(''))
  fc.assert(
    fc.property(text, candidate => {
      expect(namespaceProblem(candidate) === undefined).toBe(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(candidate))
      expect(serviceAccountNameProblem(candidate) === undefined).toBe(
        /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(candidate)
      )
    }),
    { numRuns: 2000 }
  )
})
