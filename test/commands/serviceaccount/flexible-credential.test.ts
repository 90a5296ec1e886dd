import { describe, expect, it } from 'vitest'
import { nearestCredential } from '../../../src/doctor/checks/nearest-credential.js'
import { findAcceptingCredential } from '../../../src/doctor/explain/token.js'
import { nearMisses } from '../../../src/domain/credential.js'
import { healthyToken } from '../../doctor/cluster-evidence.js'
import { connectApplication, subjectOf } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addCredential, issuerOf, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const standIn = 'system:serviceaccount:flexible:flexible'

/** Graph returns null as the subject of a credential with an expression (claimsMatchingExpression). */
function withFlexible(...names: readonly string[]) {
  const { state } = test.sandbox
  const connected = names.map(name => connectApplication(state, name))
  for (const { application } of connected) {
    application.federatedIdentityCredentials.length = 0
    addCredential(application, { name: 'flexible', issuer: issuerOf(state), subject: standIn })
  }
  test.fault(async (_request, service, next) => {
    const answer = await next()
    if (service !== 'graph' || typeof answer.body !== 'object') return answer
    return { ...answer, body: JSON.parse(JSON.stringify(answer.body).replaceAll(`"${standIn}"`, 'null')) as object }
  })
  return connected
}

describe('a credential without a subject', () => {
  it.each([[['sa', 'list']], [['sa', 'get', 'one']]])(
    'leaves it open for %j whether a credential matches, as the only one and among others',
    async words => {
      for (const names of [['one'], ['two', 'three']]) {
        withFlexible(...names)
        const { status, stdout, stderr } = await test.run(...words, '-o', 'json')
        expect(status, stderr).toBe(0)
        expect(stdout).not.toContain('NoCredential')
        expect(stdout).not.toContain('"credential": null')
        expect(stdout).not.toContain('"status": "ok"')
      }
    }
  )

  it('is shown as one that might match', async () => {
    withFlexible('one')
    const { stdout } = await test.run('sa', 'get', 'one')
    expect(stdout).toContain('? the flexible credential flexible might match')
    expect(stdout).not.toContain('could not be read')
  })

  it('of another issuer does not match', async () => {
    const [connected] = withFlexible('one')
    connected!.application.federatedIdentityCredentials[0]!.issuer = 'https://other.example.com/'
    const { stdout } = await test.run('sa', 'get', 'one')
    expect(stdout).toContain(`no credential is for exactly ${subjectOf('one')}`)
  })

  it('is not judged by the doctor, which only says that it might match', async () => {
    withFlexible('one')
    const { stdout } = await test.run('doctor', 'one', '-o', 'json')
    const { results } = JSON.parse(stdout) as { results: { findings: { check: string }[] }[] }
    const findings = results.flatMap(result => result.findings)
    expect(findings.filter(({ check }) => check === 'credential')).toMatchObject([
      { outcome: 'skipped', message: expect.stringContaining('the flexible credential flexible might match') as string }
    ])
    expect(stdout).not.toContain('credential update')
    expect(stdout).not.toContain('credential create')
  })

  it('is not used or deleted, and create adds another one', async () => {
    const [connected] = withFlexible('one')
    const flags = ['--service-account-name', 'one', '--aad-application-name', 'default-one']
    const deleted = await test.run('sa', 'delete', 'phase', 'federated-identity', ...flags)
    expect(deleted.status, deleted.stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    const created = await test.run('sa', 'create', 'phase', 'federated-identity', ...flags)
    expect(created.status, created.stderr).toBe(0)
    expect(created.stderr).not.toContain('nearly')
    expect(connected!.application.federatedIdentityCredentials.map(({ subject }) => subject)).toEqual([
      standIn,
      subjectOf('one')
    ])
  })

  it('is never a near match', () => {
    const { issuer, subject } = healthyToken
    const flexible = { name: 'flexible', issuer, subject: '', audiences: [] }
    expect(nearestCredential({ issuer, subject, subjects: new Set() }, [flexible])).toBeUndefined()
    expect(nearMisses({ issuer, subject: ' ' }, [flexible])).toEqual([])
    expect(findAcceptingCredential(healthyToken, [flexible])).toEqual({ accepting: undefined, nearest: undefined })
  })
})
