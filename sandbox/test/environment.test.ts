import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask } from './client.js'

let sandbox: Sandbox
let directory: string
beforeAll(async () => {
  sandbox = await startSandbox()
  directory = await mkdtemp(join(tmpdir(), 'azwi-environment-'))
})
afterAll(async () => {
  await sandbox.close()
  await rm(directory, { recursive: true })
})

describe('the environment for a child process', () => {
  it('contains the login, the endpoints and the files', async () => {
    const { state } = sandbox
    const environment = await sandbox.environment(join(directory, 'new'), {})
    expect(environment).toEqual({
      ARM_CLOUD_METADATA_URL: `${state.endpoints.arm}/metadata/endpoints?api-version=2019-05-01`,
      AZURE_AUTHORITY_HOST: state.endpoints.entra,
      AZURE_TENANT_ID: state.tenantId,
      AZURE_SUBSCRIPTION_ID: state.subscriptionId,
      AZURE_CLIENT_ID: state.operator.clientId,
      AZURE_CLIENT_SECRET: state.operator.clientSecret,
      AZURE_CONFIG_DIR: join(directory, 'new', 'azure'),
      AZURE_CORE_INSTANCE_DISCOVERY: 'false',
      KUBECONFIG: join(directory, 'new', 'kubeconfig'),
      NODE_EXTRA_CA_CERTS: join(directory, 'new', 'ca.pem'),
      SSL_CERT_FILE: join(directory, 'new', 'ca-bundle.pem'),
      REQUESTS_CA_BUNDLE: join(directory, 'new', 'ca-bundle.pem'),
      CURL_CA_BUNDLE: join(directory, 'new', 'ca-bundle.pem')
    })
    expect((await ask(sandbox, environment.ARM_CLOUD_METADATA_URL ?? '')).status).toBe(200)
  })

  it.each([
    [
      'exceptions in both spellings',
      { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: '.corp', no_proxy: 'a.example, .corp' },
      '.corp,a.example,localhost,127.0.0.1,::1'
    ],
    ['a proxy without exceptions', { http_proxy: 'http://proxy.example' }, 'localhost,127.0.0.1,::1'],
    ['exceptions for all hosts', { https_proxy: 'http://proxy.example', NO_PROXY: '*' }, '*,localhost,127.0.0.1,::1']
  ])('bypasses the proxy of the user, and keeps %s', async (_what, inherited, expected) => {
    const environment = await sandbox.environment(directory, inherited)
    expect(environment).toMatchObject({ NO_PROXY: expected, no_proxy: expected })
    expect(environment).not.toHaveProperty('HTTPS_PROXY')
  })

  it('has files that only their owner can read, even if they existed and everybody could', async () => {
    await writeFile(join(directory, 'kubeconfig'), 'old', { mode: 0o644 })
    const { KUBECONFIG = '', NODE_EXTRA_CA_CERTS = '' } = await sandbox.environment(directory)
    for (const path of [KUBECONFIG, NODE_EXTRA_CA_CERTS]) expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(KUBECONFIG, 'utf8'))).toMatchObject({
      'current-context': 'azwi-sandbox',
      contexts: [{ context: { namespace: 'default' } }],
      users: [{ user: { token: sandbox.state.cluster.adminToken } }]
    })
  })

  it('adds its certificate authority to the public ones', async () => {
    const { SSL_CERT_FILE = '', NODE_EXTRA_CA_CERTS = '' } = await sandbox.environment(directory)
    const bundle =
      (await readFile(SSL_CERT_FILE, 'utf8')).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
    expect(bundle).toHaveLength(rootCertificates.length + 1)
    const authority = new X509Certificate(await readFile(NODE_EXTRA_CA_CERTS, 'utf8'))
    expect(new X509Certificate(bundle[0] ?? '').fingerprint256).toBe(authority.fingerprint256)
  })
})
