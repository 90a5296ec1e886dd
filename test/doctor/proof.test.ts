import { describe, expect, it } from 'vitest'
import { proofCheck } from '../../src/doctor/checks/proof.js'
import type { ExchangeEvidence } from '../../src/doctor/evidence/model.js'
import { fail, type Finding, warn } from '../../src/doctor/finding.js'
import { credential, healthyEvidence, issuer, rsa } from './cluster-evidence.js'

const refused = (code: string, text = 'Something went wrong.'): { value: ExchangeEvidence } => ({
  value: { accepted: false, code, text }
})
const proofOf = (changes: Parameters<typeof healthyEvidence>[0], before: readonly Finding[] = []): Finding =>
  proofCheck(healthyEvidence(changes), before)[0]!

describe('proofCheck', () => {
  it('shows identity, tenant, resource and expiry of the access token', () => {
    const { outcome, message } = proofOf({})
    expect(outcome).toBe('ok')
    for (const word of [
      '"shop"',
      '11111111-1111-1111-1111-111111111111',
      '22222222-2222-2222-2222-222222222222',
      'https://management.azure.com',
      '2026-01-01T01:00:00Z'
    ])
      expect(message).toContain(word)
  })

  it('is skipped with the reason if no exchange was tried', () => {
    expect(proofOf({ account: { exchange: { unread: 'there is no client id' } } })).toMatchObject({
      outcome: 'skipped',
      message: 'no exchange was tried: there is no client id'
    })
  })

  it('names the failure that explains it, which has the fix', () => {
    const cause = fail('credential', 'no credential trusts system:serviceaccount:shop:checkout', { fix: ['mend it'] })
    const finding = proofOf({ account: { exchange: refused('AADSTS700213') } }, [
      fail('pod-label', 'the label is missing'),
      fail('roles', 'x'),
      warn('credential-count', 'y'),
      cause
    ])
    expect(finding.message).toBe(
      "Entra refuses its token, because no credential trusts system:serviceaccount:shop:checkout (no credential of the identity has the token's subject (AADSTS700213))"
    )
    expect(finding.fix).toBeUndefined()
  })

  it('names a failure of the cluster first', () => {
    const finding = proofOf(
      { cluster: { keys: { value: [rsa('new')] } }, account: { exchange: refused('AADSTS7000272') } },
      [fail('credential', 'later')]
    )
    expect(finding.message).toMatch(/because the key set .* lacks 1 key/)
  })

  it('names the claim that differs, from the token and not from the error', () => {
    const finding = proofOf({
      credentials: [{ ...credential, issuer: issuer.slice(0, -1) }],
      account: { exchange: refused('AADSTS700212') }
    })
    expect(finding).toMatchObject({ outcome: 'fail', found: issuer.slice(0, -1), expected: issuer })
    expect(finding.details).toEqual([
      `the issuer differs: the token has ${issuer}, and the nearest credential, azwi-shop-checkout, has ${issuer.slice(0, -1)}`
    ])
  })

  it.each(['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213'])(
    'explains %s by a new credential if nothing differs',
    code => {
      const { outcome, details } = proofOf({ account: { exchange: refused(code) } })
      expect(outcome).toBe('fail')
      expect(details).toEqual([
        expect.stringContaining("azwi-shop-checkout has the token's issuer"),
        expect.stringContaining('remembered as a failure for minutes')
      ])
    }
  )

  it('shows other causes if nothing differs', () => {
    expect(proofOf({ account: { exchange: refused('AADSTS90061') } }).details?.join()).toContain('firewall')
  })

  it('shows the text of Entra for an unknown code', () => {
    expect(proofOf({ account: { exchange: refused('AADSTS1', 'Hm.') } }).message).toBe(
      'Entra refuses its token: AADSTS1: Hm.'
    )
    expect(proofOf({ account: { exchange: refused('', 'Hm.') } }).message).toBe('Entra refuses its token: Hm.')
  })

  it('reports missing credentials, and credentials that could not be read', () => {
    expect(proofOf({ credentials: undefined, account: { exchange: refused('AADSTS700213') } }).details?.[0]).toContain(
      'could not be read'
    )
    expect(proofOf({ credentials: [], account: { exchange: refused('AADSTS70025') } }).details?.[0]).toContain(
      'has no credentials'
    )
  })
})
