import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerClientCertificate } from '../src/entra/certificate-assertion.js'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { armScope, askCluster } from './client.js'
import { addApplication, trust } from './directory-fixtures.js'
import { preparedKey } from '../../test/helpers/keys.js'
import { selfSignedCertificate } from '../../test/helpers/self-signed-certificate.js'

let sandbox: Sandbox
let directory: string
let outcomes: Record<string, { token?: string; error?: string }>
let workload: string

beforeAll(async () => {
  sandbox = await startSandbox()
  directory = await mkdtemp(join(tmpdir(), 'azwi-sdk-'))
  const { privateKey, publicKey } = preparedKey()
  const certificate = await selfSignedCertificate(privateKey, publicKey)
  registerClientCertificate(sandbox.state, sandbox.state.operator.clientId, certificate)
  const certificatePath = join(directory, 'client.pem')
  await writeFile(certificatePath, `${privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()}${certificate}`)
  const application = addApplication(sandbox)
  application.federatedIdentityCredentials.push(trust(sandbox))
  workload = application.appId
  const request = await askCluster(sandbox, '/api/v1/namespaces/default/serviceaccounts/default/token', {
    method: 'POST',
    body: { spec: { audiences: [sandbox.state.cloud.audience] } }
  })
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('fixtures/azure-identity.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        ...(await sandbox.environment(directory)),
        TEST_SCOPE: armScope,
        TEST_CERTIFICATE: certificatePath,
        TEST_WORKLOAD: workload,
        TEST_ASSERTION: (request.json.status as { token: string }).token
      }
    }
  )
  outcomes = JSON.parse(stdout) as typeof outcomes
}, 120_000)
afterAll(async () => {
  await sandbox.close()
  await rm(directory, { recursive: true })
})

describe('@azure/identity', () => {
  it.each(['secret', 'certificate'])('logs in with a %s', name => {
    expect(outcomes[name]?.error).toBeUndefined()
    expect(decodeJwt(outcomes[name]?.token ?? '')).toMatchObject({
      appid: sandbox.state.operator.clientId,
      aud: 'https://management.azure.com'
    })
  })

  it('exchanges a service account token', () => {
    expect(outcomes.assertion?.error).toBeUndefined()
    expect(decodeJwt(outcomes.assertion?.token ?? '')).toMatchObject({ appid: workload })
  })

  it('reports the error of Entra', () => {
    expect(outcomes.wrongSecret?.error).toContain('AADSTS7000215')
    expect(outcomes.unknownTenant?.error).toMatch(/90002|endpoints_resolution_error/)
  })
})
