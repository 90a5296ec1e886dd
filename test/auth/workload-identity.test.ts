import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCredential } from '../../src/auth/credential.js'
import { addFederatedOperator, audience, clientTrusting, mintOperatorToken } from '../helpers/federated-operator.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { writes } from '../helpers/state.js'

const test = useFaultySandbox()
const words = ['sa', 'create', '--service-account-name', 'app', ...identityFlags, '--auth-method', 'workload_identity']
const mintToken = (audiences?: string[]) => mintOperatorToken(test.sandbox.state, audiences)
const tokenFile = (text: string): string => {
  const path = join(test.directory, 'token')
  writeFileSync(path, text)
  return path
}
let clientId: string
beforeEach(() => {
  clientId = addFederatedOperator(test.sandbox.state)
})

describe('--auth-method workload_identity', () => {
  const login = (path: string | undefined) =>
    test.azwi(words, { AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: '', AZURE_FEDERATED_TOKEN_FILE: path })

  it.each(['', '\n'])('exchanges the token in AZURE_FEDERATED_TOKEN_FILE, with %j after it', async end => {
    const token = await mintToken()
    const { status, stderr } = await login(tokenFile(token + end))
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain(token)
  })

  it('reads the file for each exchange, because the kubelet replaces it', async () => {
    const sent: (string | null)[] = []
    test.fault(async (request, service, next) => {
      if (service === 'entra' && request.method === 'POST')
        sent.push(new URLSearchParams(request.body.toString()).get('client_assertion'))
      return next()
    })
    const { state } = test.sandbox
    const tokens = [await mintToken(), await mintToken()]
    const path = tokenFile(tokens[0]!)
    const credential = createCredential(
      { method: 'workload_identity', clientId, tokenFile: path },
      {
        tenantId: state.tenantId,
        transport: clientTrusting(test.sandbox.caPem),
        showDeviceCode: () => undefined,
        cloud: {
          name: 'Sandbox',
          authority: state.endpoints.entra,
          resourceManager: state.endpoints.arm,
          resourceManagerAudience: state.endpoints.arm,
          graph: state.endpoints.graph,
          exchangeAudience: audience
        }
      }
    )
    await credential.getToken(`${state.endpoints.arm}/.default`)
    writeFileSync(path, tokens[1]!)
    await credential.getToken(`${state.endpoints.graph}/.default`)
    expect(sent).toEqual(tokens)
  })

  it.each([
    ['has another audience', () => mintToken(['api://other']), /no credential of the identity has the token/],
    ['cannot be decoded', () => Promise.resolve('nonsense'), /./],
    ['is empty', () => Promise.resolve(''), /./]
  ])('with a token that %s exits with 4 and a hint, and the token is not shown', async (_, createToken, message) => {
    const token = await createToken()
    test.sandbox.requests.length = 0
    const { status, stderr } = await login(tokenFile(token))
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: .+\nHint: .+/m)
    expect(stderr).toMatch(message)
    if (token !== '') expect(stderr).not.toContain(token)
    expect(stderr).not.toContain('should not have happened')
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([undefined, '', '/nonexistent/token'])(
    'with AZURE_FEDERATED_TOKEN_FILE %j exits with 4 and sends nothing',
    async path => {
      test.sandbox.requests.length = 0
      const { status, stderr } = await login(path)
      expect(status).toBe(4)
      expect(stderr).toMatch(/^Error: AZURE_FEDERATED_TOKEN_FILE [^\n]+\nHint: [^\n]+\n$/)
      expect(test.sandbox.requests).toEqual([])
    }
  )
})
