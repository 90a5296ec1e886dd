import { describe, expect, it } from 'vitest'
import { credentialNamePattern, federatedIdentityCredentialName, goCredentialName } from '../../../src/domain/names.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import {
  addApplication,
  addCredential,
  addServicePrincipal,
  issuerOf,
  onlyApplication,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) =>
  test.azwi(['sa', 'create', '--service-account-name', 'app', '--aad-application-name', 'shared', ...more])
const trust = () => ({ issuer: issuerOf(test.sandbox.state), subject: 'system:serviceaccount:default:app' })
const adopted = () => {
  const application = addApplication(test.sandbox.state, 'shared')
  addServicePrincipal(test.sandbox.state, application)
  return application
}

describe('the federated identity credential of create', () => {
  it('has a name that Graph and ARM both accept', async () => {
    await create()
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials[0]?.name).toMatch(credentialNamePattern)
  })

  it('is the existing one of the Go azwi if issuer and subject are the same, under any name', async () => {
    const name = '1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y='
    const application = adopted()
    addCredential(application, { ...trust(), name })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toMatchObject([{ ...trust(), name }])
    expect(messages(stderr)).toContain('[federated-identity] federated credential already exists')
  })

  it('is found on an application without a service principal', async () => {
    const application = addApplication(test.sandbox.state, 'shared')
    addCredential(application, { ...trust(), name: 'by-hand' })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toHaveLength(1)
  })

  it.each([
    ['azwi', federatedIdentityCredentialName],
    ['the Go azwi', goCredentialName]
  ])('gets the right audience and keeps the name that %s gave it', async (_, nameOf) => {
    const name = nameOf('default', 'app', issuerOf(test.sandbox.state))
    const application = adopted()
    addCredential(application, { ...trust(), name, audiences: ['api://wrong'] })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toMatchObject([
      { ...trust(), name, audiences: ['api://AzureADTokenExchange'] }
    ])
    expect(messages(stderr)).toContain('[federated-identity] updated federated credential')
  })

  it.each([
    ['letter case of the subject', () => ({ subject: 'system:serviceaccount:default:App' })],
    ['slash at the end of the issuer', () => ({ issuer: issuerOf(test.sandbox.state).replace(/\/$/, '') })],
    ['subject', () => ({ subject: 'system:serviceaccount:default:other' })]
  ])('is not an existing one that differs in the %s', async (_, difference) => {
    const application = addApplication(test.sandbox.state, 'shared')
    const other = { ...addCredential(application, { ...trust(), ...difference() }) }
    expect((await create()).status).toBe(0)
    expect(application.federatedIdentityCredentials).toHaveLength(2)
    expect(application.federatedIdentityCredentials[0]).toEqual(other)
  })

  it('differs for a/b-c and a-b/c on one application', async () => {
    const run = (namespace: string, name: string) =>
      test.azwi([
        'sa',
        'create',
        'phase',
        'fi',
        '--service-account-name',
        name,
        '--service-account-namespace',
        namespace,
        '--aad-application-name',
        'shared',
        '--service-account-issuer-url',
        'https://issuer.example/'
      ])
    const application = addApplication(test.sandbox.state, 'shared')
    expect((await run('a', 'b-c')).status).toBe(0)
    expect((await run('a-b', 'c')).status).toBe(0)
    expect(application.federatedIdentityCredentials.map(({ subject }) => subject)).toEqual([
      'system:serviceaccount:a:b-c',
      'system:serviceaccount:a-b:c'
    ])
  })

  it('is refused with a clear error if the application has the maximum number', async () => {
    const application = addApplication(test.sandbox.state, 'shared')
    for (let index = 0; index < 20; index++)
      addCredential(application, { name: `taken-${index}`, subject: `system:serviceaccount:default:sa${index}` })
    const { status, stderr } = await create()
    expect(stderr).toMatch(/^(Error|Hint): .*\b20\b/m)
    expect(stderr).not.toContain('Application Developer')
    expect(status).toBe(1)
  })
})

describe('the issuer', () => {
  it('is the one that the cluster publishes by default', async () => {
    await create()
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials[0]?.issuer).toBe(
      issuerOf(test.sandbox.state)
    )
  })

  it('causes no warning if it is the one of the cluster', async () => {
    const { stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--service-account-issuer-url',
      issuerOf(test.sandbox.state)
    )
    expect(stderr).not.toContain('WARN')
  })

  it.each(['phase fi', 'phase app'])('is used without a cluster if a flag names it: %s', async phase => {
    addApplication(test.sandbox.state, 'shared')
    const { status, stderr } = await test.azwi(
      [
        'sa',
        'create',
        ...phase.split(' '),
        '--service-account-name',
        'app',
        '--aad-application-name',
        'shared',
        '--service-account-issuer-url',
        'https://issuer.example/'
      ],
      { KUBECONFIG: '/nonexistent' }
    )
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toHaveLength(1)
  })
})
