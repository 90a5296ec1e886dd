import { beforeEach, describe, expect, it } from 'vitest'
import { addFederatedOperator, audience, mintOperatorToken } from '../helpers/federated-operator.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { gitHubRequestToken, gitHubRunner } from '../helpers/stand-ins.js'

const test = useFaultySandbox()
const words = (...more: readonly string[]) => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  ...identityFlags,
  '--auth-method',
  'github',
  ...more
]
let clientId: string
beforeEach(() => {
  clientId = addFederatedOperator(test.sandbox.state)
})

describe('--auth-method github', () => {
  async function runner(answer?: { status: number; body: object | string }) {
    const token = await mintOperatorToken(test.sandbox.state)
    const { intercept, audiences, environment } = gitHubRunner(
      test.sandbox.state,
      answer ?? { status: 200, body: { count: 1, value: token } }
    )
    test.fault(intercept)
    return { audiences, environment: { ...environment, AZURE_CLIENT_ID: clientId, AZURE_CLIENT_SECRET: '' } }
  }

  it("fetches a token for the cloud's audience from the runner and exchanges it", async () => {
    const { audiences, environment } = await runner()
    const { status, stderr } = await test.azwi(words('--debug'), environment)
    expect(status, stderr).toBe(0)
    expect(new Set(audiences)).toEqual(new Set([audience]))
    expect(stderr).not.toContain(gitHubRequestToken)
  })

  it('requests no token from the runner that it does not exchange', async () => {
    const { audiences, environment } = await runner()
    await test.azwi(words(), environment)
    const exchanges = test.sandbox.requests.filter(({ service, method }) => service === 'entra' && method === 'POST')
    // MSAL requests two tokens for each exchange.
    expect(audiences.length).toBeLessThanOrEqual(2 * exchanges.length)
    expect(exchanges).toHaveLength(1)
  })

  it('ignores --audience, which is for the service account', async () => {
    const { audiences, environment } = await runner()
    const { status, stderr } = await test.azwi(words('--audience', 'api://Mine'), environment)
    expect(new Set(audiences)).toEqual(new Set([audience]))
    expect(status, stderr).toBe(0)
  })

  it.each([
    { status: 403, body: {} },
    { status: 200, body: {} },
    { status: 200, body: 'nonsense' },
    { status: 200, body: { value: '' } }
  ])('exits with 4 and names the missing permission if the runner answers %j', async answer => {
    const { environment } = await runner(answer)
    const { status, stderr } = await test.azwi(words(), environment)
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: .*GitHub.*\nHint: .*id-token: write/m)
  })

  it.each(['ACTIONS_ID_TOKEN_REQUEST_URL', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN'])(
    'without %s exits with 4 and sends nothing',
    async variable => {
      const { environment } = await runner()
      test.sandbox.requests.length = 0
      const { status, stderr } = await test.azwi(words(), { ...environment, [variable]: undefined })
      expect(status).toBe(4)
      expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]*id-token: write[^\n]*\n$/)
      expect(test.sandbox.requests).toEqual([])
    }
  )
})
