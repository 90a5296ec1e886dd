import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { registerClientCertificate } from '../../sandbox/src/entra/certificate-assertion.js'
import { selfSignedCertificate } from '../helpers/certificate.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope, writes } from '../helpers/state.js'

const test = useFaultySandbox()
const words = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const noServicePrincipal = { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '' }
const wrong = 'a-Wrong~Secret.That_Must_Not_Show'

describe('a client secret', () => {
  it('logs in from the environment, without any --auth-method', async () => {
    const { status, stderr } = await test.azwi(words())
    expect(status, stderr).toBe(0)
  })

  it('logs in from flags, which override the environment', async () => {
    const { clientId, clientSecret } = test.sandbox.state.operator
    const { status, stderr } = await test.azwi([...words(), '--client-id', clientId, '--client-secret', clientSecret], {
      ...noServicePrincipal,
      AZURE_CLIENT_SECRET: wrong
    })
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain(clientSecret)
  })

  it.each([[], ['--debug']])(
    'that is wrong exits with 4 and a hint, and is not printed %j',
    async (...more: string[]) => {
      const { status, stdout, stderr } = await test.azwi([...words(), ...more], { AZURE_CLIENT_SECRET: wrong })
      expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
      expect(stderr).toMatch(/^Error: .*client secret.*\nHint: .*AZURE_CLIENT_SECRET/m)
      expect(stderr.match(/^Error: /gm)).toHaveLength(1)
      expect(stderr).not.toContain(wrong)
      expect(writes(test.sandbox)).toEqual([])
    }
  )

  it('of a client that does not exist in the tenant exits with 4', async () => {
    const { status, stderr } = await test.azwi(words(), { AZURE_CLIENT_ID: '11111111-2222-4333-8444-555555555555' })
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: .*AADSTS700016.*\nHint: /m)
  })

  it('is not shown with --debug, and neither is a token', async () => {
    const { status, stderr } = await test.azwi([...words(), '--debug'])
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('DEBU')
    expect(stderr).not.toContain(test.sandbox.state.operator.clientSecret)
    expect(stderr).not.toContain(test.sandbox.state.cluster.adminToken)
    expect(stderr).not.toMatch(/eyJ[\w-]{10}/)
  })
})

describe('a client certificate', () => {
  it.each(['in one file with its key', 'with its key in another file'])('logs in, %s', async kind => {
    const { certificate, key } = await selfSignedCertificate()
    const { state } = test.sandbox
    registerClientCertificate(state, state.operator.clientId, certificate)
    const [certificatePath, keyPath] = [join(test.directory, 'certificate.pem'), join(test.directory, 'key.pem')]
    const isSeparate = kind.endsWith('another file')
    writeFileSync(certificatePath, isSeparate ? certificate : certificate + key)
    writeFileSync(keyPath, key)
    const { status, stderr } = await test.azwi(
      [
        ...words(),
        '--auth-method',
        'client_certificate',
        '--certificate-path',
        certificatePath,
        ...(isSeparate ? ['--private-key-path', keyPath] : [])
      ],
      { AZURE_CLIENT_SECRET: '' }
    )
    expect(status, stderr).toBe(0)
  })

  it('that is not registered exits with 4 and the command to register it', async () => {
    const { certificate, key } = await selfSignedCertificate()
    const path = join(test.directory, 'unknown.pem')
    writeFileSync(path, certificate + key)
    const { status, stderr } = await test.azwi([
      ...words(),
      '--auth-method',
      'client_certificate',
      '--certificate-path',
      path
    ])
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: .*certificate.*\nHint: .*az ad app credential/m)
    expect(stderr).not.toContain('PRIVATE KEY')
  })
})

describe('the tenant', () => {
  it('is requested from ARM if only the subscription is known', async () => {
    const { status, stderr } = await test.azwi(words(), { AZURE_TENANT_ID: '' })
    expect(status, stderr).toBe(0)
    expect(test.sandbox.requests).toContainEqual(
      expect.objectContaining({
        service: 'arm',
        method: 'GET',
        path: `/subscriptions/${test.sandbox.state.subscriptionId}`,
        status: 401
      })
    )
    expect(
      test.sandbox.state.cluster.serviceAccounts.get('default/app')?.metadata.annotations?.[
        'azure.workload.identity/tenant-id'
      ]
    ).toBe(test.sandbox.state.tenantId)
  })

  it('from ARM is annotated even if the user gives the client ID', async () => {
    await test.azwi(words())
    const [application] = test.sandbox.state.applications.values()
    test.sandbox.state.cluster.serviceAccounts.delete('default/app')
    const { status, stderr } = await test.azwi(
      [...words(), '--aad-application-client-id', application!.appId, '--skip-phases', 'app'],
      { AZURE_TENANT_ID: '' }
    )
    expect(status, stderr).toBe(0)
    expect(
      test.sandbox.state.cluster.serviceAccounts.get('default/app')?.metadata.annotations?.[
        'azure.workload.identity/tenant-id'
      ]
    ).toBe(test.sandbox.state.tenantId)
  })

  it('that is wrong exits with 4', async () => {
    const { status, stderr } = await test.azwi(words(), { AZURE_TENANT_ID: '11111111-2222-4333-8444-555555555555' })
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: .*11111111-2222-4333-8444-555555555555.*\nHint: /m)
    expect(writes(test.sandbox)).toEqual([])
  })
})
