import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { credentialNamePattern, federatedIdentityCredentialName } from '../../src/domain/names.js'

const issuer = 'https://issuer.example/'
const triple = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
/** Triples that contain the same text, split at different places. */
const shifted = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', '-', '.', '"', ','), { minLength: 3, maxLength: 9 }), fc.nat(9), fc.nat(9))
  .map(
    ([letters, from, to]) =>
      [
        letters.slice(0, from).join(''),
        letters.slice(from, to).join(''),
        letters.slice(Math.max(from, to)).join('')
      ] as const
  )

describe('federatedIdentityCredentialName', () => {
  it('depends only on namespace, name and issuer', () => {
    expect(federatedIdentityCredentialName('default', 'azwi-sa', issuer)).toBe(
      'default-azwi-sa-c152683a97c30c670f081e5321fe48a471cea4dc'
    )
  })

  it('is valid in Graph and in ARM for any input', () => {
    fc.assert(
      fc.property(triple, parts => {
        expect(federatedIdentityCredentialName(...parts)).toMatch(credentialNamePattern)
      })
    )
    expect(federatedIdentityCredentialName('n'.repeat(63), 's'.repeat(253), `https://${'i'.repeat(592)}`)).toMatch(
      credentialNamePattern
    )
    expect(federatedIdentityCredentialName('', '', '')).toMatch(credentialNamePattern)
  })

  it('is different for different inputs, even if case is ignored', () => {
    fc.assert(
      fc.property(fc.oneof(triple, shifted), fc.oneof(triple, shifted), (one, other) => {
        const names = [one, other].map(([namespace, name, url]) =>
          federatedIdentityCredentialName(namespace, name, url).toLowerCase()
        )
        expect(names[0] === names[1]).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 1000 }
    )
  })

  it.each([
    [
      ['a', 'b-c'],
      ['a-b', 'c']
    ],
    [
      ['a', 'b.c'],
      ['a', 'b-c']
    ],
    [
      ['a', `${'b'.repeat(200)}1`],
      ['a', `${'b'.repeat(200)}2`]
    ]
  ] as const)('is different for %j and %j', (one, other) => {
    expect(federatedIdentityCredentialName(one[0], one[1], issuer)).not.toBe(
      federatedIdentityCredentialName(other[0], other[1], issuer)
    )
  })

  it('begins with namespace and name, with hyphens instead of dots', () => {
    expect(federatedIdentityCredentialName('team', 'web.front', issuer)).toMatch(/^team-web-front-[0-9a-f]{40}$/)
  })
})
