import { type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import type { Application } from '../src/graph/directory.js'
import { objectAt } from '../src/json.js'
import { type Answer, armScope, ask, askToken, operatorForm } from './client.js'
import { addApplication, trust } from './directory-fixtures.js'
import { requestOf } from './recorded-replay.js'
import { readRecording, type RecordedExchange } from './recorded-table.js'

const exchanges = ['token-federated-errors', 'token-assertion-errors-msal-net', 'token-success-and-discovery'].flatMap(
  recording => readRecording('entra', recording).exchanges
)

let sandbox: Sandbox
let application: Application
beforeAll(async () => {
  const startedAt = new Date()
  sandbox = await startSandbox({ now: () => startedAt })
  application = addApplication(sandbox)
})
afterAll(() => sandbox.close())

/** Asks for a token with a federated assertion that has these claims and this header. */
async function exchange(
  claims: JWTPayload,
  header: { alg?: string; kid?: string | undefined; x5t?: string } = {}
): Promise<Answer> {
  const { state } = sandbox
  const now = Math.floor(state.now().getTime() / 1000)
  application.federatedIdentityCredentials = [trust(sandbox)]
  const usual = {
    iss: state.cluster.issuer,
    sub: 'system:serviceaccount:default:default',
    aud: state.cloud.audience,
    iat: now,
    nbf: now,
    exp: now + 600
  }
  const alg = header.alg ?? 'RS256'
  const key = alg === 'RS256' ? state.cluster.signingKeys[0]!.privateKey : Buffer.alloc(32)
  const { kid } = state.cluster.signingKeys[0]!
  return present(
    await new SignJWT({ ...usual, ...claims }).setProtectedHeader({ kid, ...header, alg } as { alg: string }).sign(key)
  )
}

/** Asks for a token with this assertion. */
function present(token: string): Promise<Answer> {
  return askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: application.appId,
    scope: armScope,
    client_assertion: token,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
}

/** Causes each error that the sandbox has, by its number. */
const causes: Readonly<Record<number, (recorded: RecordedExchange) => Promise<Answer>>> = {
  700211: () => exchange({ iss: 'https://elsewhere.example/' }),
  700212: () => exchange({ aud: 'my.audience' }),
  700213: () => exchange({ sub: 'system:serviceaccount:default:other' }),
  700016: () => askToken(sandbox, { ...operatorForm(sandbox), client_id: sandbox.state.uuid() }),
  7000215: () => askToken(sandbox, { ...operatorForm(sandbox), client_secret: 'no' }),
  90002: recorded => {
    const { url } = requestOf(recorded)
    return url.includes('openid-configuration')
      ? ask(sandbox, `${sandbox.state.endpoints.entra}${new URL(url).pathname}`)
      : askToken(sandbox, operatorForm(sandbox), sandbox.state.uuid())
  },
  900023: () => askToken(sandbox, operatorForm(sandbox), 'invalid_tenant'),
  50027: () => present('no.jwt'),
  90014: ({ error }) => exchange({ [/required field '(\w+)'/.exec(error?.message ?? '')?.[1] ?? '']: undefined }),
  5002738: () => exchange({}, { alg: 'HS256' }),
  5002723: () => exchange({}, { kid: undefined }),
  700024: () => exchange({ nbf: 1516239022, exp: 0 }),
  700021: () => exchange({ iss: 'someone-else' }),
  700027: () =>
    exchange({
      iss: application.appId,
      sub: application.appId,
      aud: `${sandbox.state.endpoints.entra}/${sandbox.state.tenantId}/oauth2/v2.0/token`
    }),
  500011: () => askToken(sandbox, { ...operatorForm(sandbox), scope: 'user.read/.default' }),
  900612: async () => {
    const keys = sandbox.state.cluster.publishedKeys
    Object.assign(sandbox.state.cluster, { publishedKeys: null })
    try {
      return await exchange({})
    } finally {
      Object.assign(sandbox.state.cluster, { publishedKeys: keys })
    }
  }
}

/** Errors that the sandbox does not have: Entra split 70021 up in 2023, and 7002137 is about tokens that Entra itself issued. */
const outOfScope = [70021, 7002137]

/** Removes from a description the quoted values, the times, the end, and the sentences that Entra has reworded over the years. */
function skeleton(description: unknown): string {
  return String(description)
    .replace(/\s*Trace ID:.*$/s, '')
    .replace(/'[^']*'|named .+?(?= was not|\.)|\S+T\S+Z/g, '…')
    .replace(
      / (Please c|C)heck your federated identity.*$| Review the documentation.*$| This (can|may) happen.*$| Check to make sure.*$/s,
      ''
    )
    .replace(/, Please visit.*$/s, '')
    .replace(/ Ensure the secret.*$/s, '')
    .replace(/secret is provided/, 'secret provided')
    .replace(/[.\s]*$/, '')
}

const recordedErrors = exchanges.flatMap(recorded => {
  const { number } = recorded.error ?? {}
  return number === undefined || outOfScope.includes(number) ? [] : [[number, recorded] as const]
})

function keysOf({ shape }: RecordedExchange): string[] {
  return Object.keys(objectAt(shape))
}

describe('Entra answers as recorded', () => {
  it.each(recordedErrors)('with AADSTS%i', async (number, recorded) => {
    const answer = await causes[number]!(recorded)
    expect([answer.status, answer.json.error, answer.json.error_codes]).toEqual([
      recorded.status,
      recorded.error?.code,
      [number]
    ])
    expect(skeleton(answer.json.error_description)).toBe(skeleton(recorded.error?.message))
    expect(Object.keys(answer.json)).toEqual(expect.arrayContaining(keysOf(recorded)))
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('with a token, in an object with the same keys in the same order and of the same types', async () => {
    const answer = await askToken(sandbox, operatorForm(sandbox))
    const types = Object.entries(answer.json).map(([key, value]) => [key, typeof value])
    const successes = exchanges.filter(recorded => keysOf(recorded).includes('access_token'))
    expect(successes).not.toEqual([])
    for (const { shape } of successes) expect(types).toEqual(Object.entries(objectAt(shape)))
  })

  it('with an instance discovery document of the same shape', async () => {
    const recorded = exchanges.find(({ request }) => request?.includes('/common/discovery/instance'))
    const answer = await ask(sandbox, `${sandbox.state.endpoints.entra}/common/discovery/instance`)
    expect(Object.keys(answer.json)).toEqual(keysOf(recorded!))
  })
})
