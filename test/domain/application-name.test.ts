import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applicationUniqueName, defaultApplicationName, maxDisplayNameLength } from '../../src/domain/names.js'

const issuer = 'https://issuer.example/'
const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
const longName = fc.stringMatching(/^[a-z0-9]{200,253}$/)

describe('defaultApplicationName', () => {
  // The Go azwi's documentation shows this name beside the issuer https://azwi.blob…, but it is that of the host it was first run with
  // (docs/book of azure-workload-identity before the host was renamed): SHA-256 leaves no doubt which of the two belongs to it.
  it.each([
    ['https://chuwon.blob.core.windows.net/oidc-test/', 'default-azwi-sa-1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y='],
    ['https://azwi.blob.core.windows.net/oidc-test/', 'default-azwi-sa-pXkIYj74X6LQKuHCwAFr7MMSWewDboaRo9ypqyHNcgU=']
  ])('is what the Go azwi gives for %s', (documented, name) => {
    expect(defaultApplicationName('default', 'azwi-sa', documented)).toBe(name)
  })

  it('depends on every byte of the issuer', () => {
    expect(defaultApplicationName('default', 'azwi-sa', issuer)).not.toBe(
      defaultApplicationName('default', 'azwi-sa', issuer.slice(0, -1))
    )
  })

  it('never passes the limit of Graph, and begins with namespace and name', () => {
    fc.assert(
      fc.property(label, fc.stringMatching(/^[a-z0-9.-]{1,253}$/), fc.webUrl(), (namespace, name, url) => {
        const made = defaultApplicationName(namespace, name, url)
        expect(made.length).toBeLessThanOrEqual(maxDisplayNameLength)
        expect(made.startsWith(`${namespace}-${name}`.slice(0, 200))).toBe(true)
        expect(defaultApplicationName(namespace, name, url)).toBe(made)
      })
    )
  })

  it('keeps the form of the Go azwi up to the limit itself', () => {
    const atTheLimit = 'n'.repeat(maxDisplayNameLength - 'a--'.length - 44)
    expect(defaultApplicationName('a', atTheLimit, issuer)).toMatch(new RegExp(`^a-${atTheLimit}-[A-Za-z0-9_-]{43}=$`))
    const hashOfIssuer = defaultApplicationName('a', atTheLimit, issuer).slice(-44)
    expect(defaultApplicationName('a', `${atTheLimit}n`, issuer)).toMatch(
      new RegExp(`^a-${atTheLimit}-[A-Za-z0-9_-]{43}=$`)
    )
    expect(defaultApplicationName('a', `${atTheLimit}n`, issuer).slice(-44)).not.toBe(hashOfIssuer)
  })

  it('tells shortened names apart, whatever stands on which side of the hyphen', () => {
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
  it('is a fixed function of the display name', () => {
    expect(applicationUniqueName('orders')).toBe(
      'azwi-48fec86bf811a5123e39959a739b135cd134695d9b2c6b9e89ba0fc438c78ebd'
    )
  })

  it('is plain, and different for different display names', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(applicationUniqueName(one)).toMatch(/^azwi-[a-z0-9-]+$/)
        expect(applicationUniqueName(one) === applicationUniqueName(other)).toBe(one === other)
      })
    )
  })

  it('goes on to another name after each deleted application, regardless of the case of its id', () => {
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
