import { describe, expect, it } from 'vitest'
import { nearMisses } from '../../../src/domain/credential.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import { addIdentityCredential, addManagedIdentity, identityFlags } from '../../helpers/managed-identity.js'
import { addApplication, addCredential, addServicePrincipal, issuerOf } from '../../helpers/state.js'

const test = useFaultySandbox()
const subject = 'system:serviceaccount:default:app'
const misses: readonly [string, () => { issuer?: string; subject?: string }][] = [
  ['a trailing slash of the issuer', () => ({ issuer: issuerOf(test.sandbox.state).replace(/\/$/, '') })],
  ['letter case of the issuer', () => ({ issuer: issuerOf(test.sandbox.state).toUpperCase() })],
  ['letter case of the subject', () => ({ subject: 'system:serviceaccount:default:App' })],
  ['white space after the subject', () => ({ subject: `${subject} ` })],
  ['white space before the issuer', () => ({ issuer: ` ${issuerOf(test.sandbox.state)}` })],
  [
    'all of them at once',
    () => ({ issuer: issuerOf(test.sandbox.state).toUpperCase().replace(/\/$/, ' '), subject: subject.toUpperCase() })
  ]
]
const nearMatches = (stderr: string) =>
  logLines(stderr).filter(({ level, message }) => level === 'WARN' && message.includes('nearly'))

describe('a credential that almost matches', () => {
  it.each(misses)('is reported and not changed if it differs in %s: managed identity', async (_, difference) => {
    const identity = addManagedIdentity(test.sandbox.state)
    const near = {
      ...addIdentityCredential(identity, {
        name: 'near-miss',
        issuer: issuerOf(test.sandbox.state),
        subject,
        ...difference()
      })
    }
    const { status, stderr } = await test.run('sa', 'create', '--service-account-name', 'app', ...identityFlags)
    expect(status, stderr).toBe(0)
    expect(nearMatches(stderr)).toMatchObject([
      {
        message: expect.stringContaining('near-miss') as string,
        fields: {
          issuer: near.issuer,
          subject: near.subject,
          wantedIssuer: issuerOf(test.sandbox.state),
          wantedSubject: subject
        }
      }
    ])
    expect(identity.federatedIdentityCredentials).toHaveLength(2)
    expect(identity.federatedIdentityCredentials[0]).toEqual(near)
  })

  it.each(misses)('is reported if it differs in %s: application', async (_, difference) => {
    const application = addApplication(test.sandbox.state, 'shared')
    addServicePrincipal(test.sandbox.state, application)
    addCredential(application, { name: 'near-miss', issuer: issuerOf(test.sandbox.state), subject, ...difference() })
    const { status, stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--aad-application-name',
      'shared'
    )
    expect(status, stderr).toBe(0)
    expect(nearMatches(stderr)).toHaveLength(1)
    expect(application.federatedIdentityCredentials).toHaveLength(2)
  })

  it('is not reported for another service account, or if the right one exists', async () => {
    const identity = addManagedIdentity(test.sandbox.state)
    addIdentityCredential(identity, {
      name: 'other',
      issuer: issuerOf(test.sandbox.state),
      subject: 'system:serviceaccount:default:app2'
    })
    for (const round of [1, 2]) {
      const { status, stderr } = await test.run('sa', 'create', '--service-account-name', 'app', ...identityFlags)
      expect(status, stderr).toBe(0)
      expect(nearMatches(stderr), `round ${round}`).toEqual([])
    }
  })

  it('is not equal, and differs only in white space, letter case or a slash', () => {
    const wanted = { issuer: 'https://issuer.example/a/', subject }
    const near = { issuer: 'https://issuer.example/a', subject }
    expect(
      nearMisses(wanted, [
        wanted,
        near,
        { ...wanted, issuer: 'https://issuer.example/b/' },
        { ...wanted, subject: `${subject}-2` }
      ])
    ).toEqual([near])
  })
})
