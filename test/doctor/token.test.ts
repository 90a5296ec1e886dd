import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { decodeToken } from '../../src/doctor/evidence/token.js'
import { UsageError } from '../../src/errors.js'
import { audience, healthyToken, issuer, subject } from './cluster-evidence.js'

const secret = new TextEncoder().encode('made for this test, and for nothing else')
const claims = {
  iss: issuer,
  sub: subject,
  aud: [audience],
  iat: 1_767_225_600,
  nbf: 1_767_225_600,
  exp: 1_767_229_200
}
const tokenOf = (payload: object, header: object = {}): Promise<string> =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret)

function refusalOf(text: string): UsageError {
  try {
    decodeToken(text, 'token.jwt')
  } catch (error) {
    if (error instanceof UsageError) return error
  }
  throw new Error('it was not refused')
}

describe('decodeToken', () => {
  it('reads the claims of a token with white space around it', async () => {
    expect(decodeToken(`\n ${await tokenOf(claims, { kid: 'one' })} \n`)).toEqual({
      ...healthyToken,
      algorithm: 'HS256'
    })
  })

  it('returns a single audience as a list, and leaves out missing claims', async () => {
    expect(decodeToken(await tokenOf({ iss: 'a', sub: 'b', aud: 'c' }))).toEqual({
      issuer: 'a',
      subject: 'b',
      audiences: ['c'],
      keyId: undefined,
      algorithm: 'HS256',
      issuedAt: undefined,
      notBefore: undefined,
      expiresAt: undefined
    })
  })

  it.each<[string, (token: string) => string, RegExp]>([
    ['an empty text', () => ' \n', /empty/],
    ['JSON around a token', token => JSON.stringify({ status: { token } }), /JSON/],
    ['an Authorization header', token => `Bearer ${token}`, /Authorization/],
    ['two tokens', token => `${token}\n${token}`, /more than one/],
    ['an encrypted token', token => `${token}.a.b`, /encrypted/],
    ['half a token', token => token.slice(0, token.indexOf('.') + 20), /no token/],
    ['a payload that is not JSON', token => token.replace(/\.[^.]+\./, '.c2VjcmV0.'), /not JSON/],
    ['a plain secret', () => 'hunter2-hunter2', /no token/]
  ])('throws for %s, and does not show it', async (_, spoilt, expected) => {
    const text = spoilt(await tokenOf(claims))
    const { message, hint, cause } = refusalOf(text)
    expect(message).toMatch(expected)
    expect(message).toContain('token.jwt')
    expect(hint).toContain('kubectl create token')
    expect(cause).toBeUndefined()
    for (const word of text
      .trim()
      .split(/[\s.":{}]+/)
      .filter(part => part.length > 6))
      expect(message + (hint ?? '')).not.toContain(word)
  })

  it.each([
    ['iss', /issuer/],
    ['sub', /subject/]
  ] as const)('refuses a token without %s', async (claim, expected) => {
    expect(refusalOf(await tokenOf({ ...claims, [claim]: undefined })).message).toMatch(expected)
  })
})
