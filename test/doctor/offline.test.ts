import { describe, expect, it } from 'vitest'
import type { TokenClaims } from '../../src/doctor/evidence/model.js'
import { describeToken, isoTime, findAcceptingCredential } from '../../src/doctor/explain/token.js'
import { audience, credential, healthyToken, issuer, subject } from './cluster-evidence.js'

const during = new Date('2026-01-01T00:20:00Z')
const problemsOf = (changes: Partial<TokenClaims>): string[] =>
  describeToken({ ...healthyToken, ...changes }, during).problems.map(({ code }) => code)

describe('describeToken', () => {
  it('describes a healthy token', () => {
    expect(describeToken(healthyToken, during)).toEqual({
      issuer,
      subject,
      serviceAccount: { namespace: 'shop', name: 'checkout' },
      audiences: [audience],
      clouds: ['AzurePublicCloud'],
      keyId: 'one',
      algorithm: 'RS256',
      issuedAt: '2026-01-01T00:00:00Z',
      notBefore: '2026-01-01T00:00:00Z',
      expiresAt: '2026-01-01T01:00:00Z',
      lifetimeSeconds: 3600,
      secondsLeft: 2400,
      problems: []
    })
  })

  it.each<[string, Partial<TokenClaims>, string[]]>([
    ['an expired token', { expiresAt: during.getTime() / 1000 }, ['Expired']],
    ['a token that is not valid yet', { notBefore: during.getTime() / 1000 + 1 }, ['NotYetValid']],
    ['a token without expiry', { expiresAt: undefined }, ['NoExpiry']],
    ['a token of 24 hours', { expiresAt: healthyToken.issuedAt! + 86_400 }, []],
    [
      'a token of the default volume, which lives for a year',
      { expiresAt: healthyToken.issuedAt! + 365 * 86_400 },
      ['LivesTooLong']
    ],
    [
      'a long-lived token without issue time',
      { issuedAt: undefined, expiresAt: healthyToken.notBefore! + 90_000 },
      ['LivesTooLong']
    ],
    ['a token signed with ES256', { algorithm: 'ES256' }, ['WrongAlgorithm']],
    ['a token without key ID', { keyId: undefined }, ['NoKeyId']],
    ['a token for the API server', { audiences: ['https://kubernetes.default.svc'] }, ['WrongAudience']],
    ['a token for the cloud in China', { audiences: ['api://AzureADTokenExchangeChina'] }, []]
  ])('finds the problems of %s', (_, changes, expected) => {
    expect(problemsOf(changes)).toEqual(expected)
  })

  it('shows when a token expired', () => {
    expect(describeToken(healthyToken, new Date('2026-01-01T02:00:00Z'))).toMatchObject({
      secondsLeft: -3600,
      problems: [{ message: 'it expired at 2026-01-01T01:00:00Z (AADSTS700024)' }]
    })
  })

  it.each<[string, Partial<TokenClaims>]>([
    ['issued in milliseconds', { issuedAt: healthyToken.issuedAt! * 1000 }],
    ['with an invalid issue time', { issuedAt: -1e20 }],
    ['issued when it expires', { issuedAt: healthyToken.expiresAt }],
    ['with an invalid expiry time', { expiresAt: 1e20 }]
  ])('has no lifetime for a token %s', (_, changes) => {
    const { lifetimeSeconds, expiresAt, secondsLeft, problems } = describeToken({ ...healthyToken, ...changes }, during)
    expect(lifetimeSeconds).toBeUndefined()
    expect(secondsLeft === undefined).toBe(expiresAt === undefined)
    expect(problems.map(({ message }) => message).join()).not.toMatch(/lives|-/)
  })

  it('leaves out invalid times and other subjects', () => {
    expect(describeToken({ ...healthyToken, subject: 'repo:a/b', issuedAt: 1e20 }, during)).toMatchObject({
      serviceAccount: undefined,
      issuedAt: undefined
    })
    expect(isoTime(undefined)).toBeUndefined()
  })
})

describe('findAcceptingCredential', () => {
  const named = (name: string, changes: Partial<typeof credential>): typeof credential => ({
    ...credential,
    name,
    ...changes
  })
  const other = named('other', { subject: 'system:serviceaccount:shop:cart' })

  it('finds the accepting credential at any position and with any name', () => {
    expect(findAcceptingCredential(healthyToken, [other, credential])).toEqual({
      accepting: credential,
      nearest: undefined
    })
  })

  it('finds nothing without credentials', () => {
    expect(findAcceptingCredential(healthyToken, [])).toEqual({ accepting: undefined, nearest: undefined })
  })

  it.each<[string, Partial<typeof credential>, object[]]>([
    [
      'a trailing slash',
      { issuer: issuer.slice(0, -1) },
      [{ field: 'issuer', token: issuer, credential: issuer.slice(0, -1) }]
    ],
    [
      'letter case',
      { subject: subject.replace('shop', 'Shop') },
      [{ field: 'subject', token: subject, credential: subject.replace('shop', 'Shop') }]
    ],
    [
      'swapped namespace and name',
      { subject: 'system:serviceaccount:checkout:shop' },
      [{ field: 'subject', token: subject, credential: 'system:serviceaccount:checkout:shop' }]
    ],
    [
      'another cloud',
      { audiences: ['api://AzureADTokenExchangeUSGov'] },
      [{ field: 'audience', token: audience, credential: 'api://AzureADTokenExchangeUSGov' }]
    ],
    [
      'another cluster',
      { issuer: 'https://elsewhere/' },
      [{ field: 'issuer', token: issuer, credential: 'https://elsewhere/' }]
    ],
    [
      'issuer and audience',
      { issuer: issuer.slice(0, -1), audiences: ['a', 'b'] },
      [
        { field: 'issuer', token: issuer, credential: issuer.slice(0, -1) },
        { field: 'audience', token: audience, credential: 'a, b' }
      ]
    ]
  ])('prefers a credential that differs in %s to one of another service account', (_, changes, differences) => {
    const near = named('near', changes)
    expect(findAcceptingCredential(healthyToken, [other, near]).nearest).toEqual({ credential: near, differences })
  })
})
