import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { issuerProblem } from '../../src/domain/issuer.js'

describe('issuerProblem', () => {
  it.each([
    'https://azwi.blob.core.windows.net/oidc-test/',
    'https://azwi.blob.core.windows.net/oidc-test',
    'https://eastus.oic.prod-aks.azure.com/11111111-1111-1111-1111-111111111111/22222222-2222-2222-2222-222222222222/',
    'https://localhost:40001',
    'https://[::1]:8443/a%20b',
    `https://issuer.example/${'x'.repeat(577)}`
  ])('accepts %s', text => {
    expect(issuerProblem(text)).toBeUndefined()
  })

  it.each([
    ['', /is empty/],
    ['http://issuer.example', /https/],
    ['issuer.example', /https/],
    ['https:issuer.example', /https/],
    ['https://', /not a URL/],
    ['https://:443', /not a URL/],
    ['https://a:b', /not a URL/],
    ['https://issuer.example/ ', /white space/],
    [' https://issuer.example', /white space/],
    ['https://issuer.example\n', /white space/],
    ['https://issuer.example?', /query/],
    ['https://issuer.example?a=b', /query/],
    ['https://issuer.example/#', /fragment/],
    ['https://me:secret@issuer.example', /user name/],
    ['https://<issuer>', /character/],
    ['https://issuer.example\\a', /character/],
    ['https://ißuer.example', /character/],
    ['"https://issuer.example"', /https/],
    [`https://issuer.example/${'x'.repeat(578)}`, /601 characters.*600/],
    ['https://issuer.example/.well-known/openid-configuration', /discovery document/]
  ])('refuses %j', (text, reason) => {
    expect(issuerProblem(text)).toMatch(reason)
  })

  it('never throws, and accepts only https URLs', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl({ withQueryParameters: true }),
          fc.string().map(rest => `https://${rest}`)
        ),
        text => {
          if (issuerProblem(text) === undefined) expect(new URL(text).protocol).toBe('https:')
        }
      )
    )
  })
})
