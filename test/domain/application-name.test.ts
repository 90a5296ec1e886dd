import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationUniqueName, defaultApplicationName, maxDisplayNameLength } from '../../src/domain/names.js'

const issuer = 'https://issuer.example/'
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const longName = fc.stringMatching(/^[a-z0-9]{200,253}$/)

describe('defaultApplicationName', () => {
  // The Go azwi's documentation (docs/book) shows the first name with the issuer https://azwi.blob…. The documentation's host was renamed,
  // but the name still has the hash of the earlier host.
  it.each([
    ['https://chuwon.blob.core.windows.net/oidc-test/', 'default-azwi-sa-1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y='],
    ['https://azwi.blob.core.windows.net/oidc-test/', 'default-azwi-sa-pXkIYj74X6LQKuHCwAFr7MMSWewDboaRo9ypqyHNcgU=']
  ])('returns the same name as the Go azwi for %s', (documentedIssuer, name) => {
    expect(defaultApplicationName('default', 'azwi-sa', documentedIssuer)).toBe(name)
  })

  it('depends on every byte of the issuer', () => {
    expect(defaultApplicationName('default', 'azwi-sa', issuer)).not.toBe(
      defaultApplicationName('default', 'azwi-sa', issuer.slice(0, -1))
    )
  })

  it('is never longer than Graph allows, and begins with namespace and name', () => {
    fc.assert(
      fc.property(label, fc.stringMatching(/^[a-z0-9.-]{1,253}$/), fc.webUrl(), (namespace, name, url) => {
        const displayName = defaultApplicationName(namespace, name, url)
        expect(displayName.length).toBeLessThanOrEqual(maxDisplayNameLength)
        expect(displayName.startsWith(`${namespace}-${name}`.slice(0, 200))).toBe(true)
        expect(defaultApplicationName(namespace, name, url)).toBe(displayName)
      })
    )
  })

  it('has the form of the Go azwi up to and including the limit', () => {
    const atTheLimit = 'n'.repeat(maxDisplayNameLength - 'a--'.length - 44)
    expect(defaultApplicationName('a', atTheLimit, issuer)).toMatch(new RegExp(`^a-${atTheLimit}-[A-Za-z0-9_-]{43}=$`))
    const hashOfIssuer = defaultApplicationName('a', atTheLimit, issuer).slice(-44)
    expect(defaultApplicationName('a', `${atTheLimit}n`, issuer)).toMatch(
      new RegExp(`^a-${atTheLimit}-[A-Za-z0-9_-]{43}=$`)
    )
    expect(defaultApplicationName('a', `${atTheLimit}n`, issuer).slice(-44)).not.toBe(hashOfIssuer)
  })

  it('returns different shortened names for different service accounts', () => {
    const tail = 'x'.repeat(250)
    expect(defaultApplicationName('a', `b-${tail}`, issuer)).not.toBe(defaultApplicationName('a-b', tail, issuer))
    fc.assert(
      fc.property(label, longName, longName, (namespace, one, other) => {
        fc.pre(one !== other)
        expect(defaultApplicationName(namespace, one, issuer)).not.toBe(
          defaultApplicationName(namespace, other, issuer)
        )
      })
    )
  })
})

describe('applicationUniqueName', () => {
  it('depends only on the display name', () => {
    expect(applicationUniqueName('orders')).toBe(
      'azwi-48fec86bf811a5123e39959a739b135cd134695d9b2c6b9e89ba0fc438c78ebd'
    )
  })

  it('has only letters, digits and hyphens, and is different for different display names', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(applicationUniqueName(one)).toMatch(/^azwi-[a-z0-9-]+$/)
        expect(applicationUniqueName(one) === applicationUniqueName(other)).toBe(one === other)
      })
    )
  })

  it('returns another name for each deleted application, and ignores the case of its ID', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.uuid(), (displayName, first, second) => {
        fc.pre(first !== second)
        const chain = [
          applicationUniqueName(displayName),
          applicationUniqueName(displayName, first),
          applicationUniqueName(displayName, second)
        ]
        expect(new Set(chain).size).toBe(3)
        expect(applicationUniqueName(displayName, first.toUpperCase())).toBe(chain[1])
      })
    )
  })
})
