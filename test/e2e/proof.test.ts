import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { describe, expect, it } from 'vitest'
import { run } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { onlyApplication } from '../helpers/state.js'

const test = useFaultySandbox()

function post(
  url: string,
  headers: Record<string, string>,
  body: string
): Promise<{ status: number | undefined; json: Record<string, unknown> }> {
  const agent = new Agent({ ca: readFileSync(test.environment.NODE_EXTRA_CA_CERTS!) })
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent }, answer => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        resolve({
          status: answer.statusCode,
          json: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
        })
      })
    })
    sent.on('error', reject).end(body)
  })
}

async function serviceAccountToken(name: string, audience = 'api://AzureADTokenExchange'): Promise<string> {
  const { state } = test.sandbox
  const { status, json } = await post(
    `${state.endpoints.kubernetes}/api/v1/namespaces/default/serviceaccounts/${name}/token`,
    { authorization: `Bearer ${state.cluster.adminToken}`, 'content-type': 'application/json' },
    JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds: 3600 }
    })
  )
  expect(status, JSON.stringify(json)).toBe(201)
  return (json.status as { token: string }).token
}

const exchange = (token: string, clientId = onlyApplication(test.sandbox.state).appId) =>
  post(
    `${test.sandbox.state.endpoints.entra}/${test.sandbox.state.tenantId}/oauth2/v2.0/token`,
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      scope: 'https://management.azure.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: token
    }).toString()
  )

describe('the token of a pod, after azwi serviceaccount create', () => {
  const create = async (name: string): Promise<void> => {
    const { status, stderr } = await run(['sa', 'create', '--service-account-name', name], test.environment)
    expect(status, stderr).toBe(0)
  }

  it('is exchanged for an access token, but not after delete', async () => {
    await create('app')
    const token = await serviceAccountToken('app')
    const { status, json } = await exchange(token)
    expect(status, JSON.stringify(json)).toBe(200)
    expect(json.access_token).toMatch(/^eyJ/)
    const { appId } = onlyApplication(test.sandbox.state)
    expect((await run(['sa', 'delete', '--service-account-name', 'app'], test.environment)).status).toBe(0)
    expect((await exchange(token, appId)).status).not.toBe(200)
  })

  it('is refused with AADSTS700213 for another service account whose name differs in one byte', async () => {
    await create('app')
    expect(
      (
        await run(
          [
            'sa',
            'create',
            'phase',
            'sa',
            '--service-account-name',
            'apq',
            '--aad-application-client-id',
            onlyApplication(test.sandbox.state).appId
          ],
          test.environment
        )
      ).status
    ).toBe(0)
    const { status, json } = await exchange(await serviceAccountToken('apq'))
    expect(status).not.toBe(200)
    expect(json.error_description).toMatch(/^AADSTS700213:/)
  })

  it('is refused with AADSTS7002138 if the subject of the credential differs only in letter case', async () => {
    await create('app')
    const [credential] = onlyApplication(test.sandbox.state).federatedIdentityCredentials
    credential!.subject = credential!.subject.replace(/app$/, 'App')
    const { status, json } = await exchange(await serviceAccountToken('app'))
    expect(status).not.toBe(200)
    expect(json.error_description).toMatch(/^AADSTS7002138:/)
  })

  it('is refused with AADSTS700212 for another audience', async () => {
    await create('app')
    expect((await exchange(await serviceAccountToken('app', 'api://other'))).json.error_description).toMatch(
      /^AADSTS700212:/
    )
  })
})
