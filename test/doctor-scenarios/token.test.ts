import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createSigningKey } from '../../sandbox/src/signing-key.js'
import { armScope, askToken } from '../../sandbox/test/client.js'
import { clientIdOf, type IdentityKind } from './healthy.js'
import { useHealthySetups } from './setup.js'
import type { ScenarioSetup } from './scenario.js'

const setupOf = useHealthySetups()
const kinds: readonly IdentityKind[] = ['application', 'managed identity']
const now = (): number => Math.floor(Date.now() / 1000)

/** Signs a token for `shop/checkout` as the API server does, with the given claims. */
async function tokenWith(
  { state }: ScenarioSetup,
  claims: JWTPayload,
  key = state.cluster.signingKeys[0]!
): Promise<string> {
  const defaults = {
    iss: state.cluster.issuer,
    sub: 'system:serviceaccount:shop:checkout',
    aud: ['api://AzureADTokenExchange'],
    iat: now(),
    nbf: now(),
    exp: now() + 3600
  }
  return new SignJWT({ ...defaults, ...claims })
    .setProtectedHeader({ alg: key.jwk.alg, kid: key.kid })
    .sign(key.privateKey)
}

/** Returns the error code of Entra for a token, or undefined if Entra accepts it. */
async function aadsts({ sandbox, identity }: ScenarioSetup, token: string): Promise<number | undefined> {
  const { json } = await askToken(sandbox, {
    grant_type: 'client_credentials',
    client_id: clientIdOf(identity),
    scope: armScope,
    client_assertion: token,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
  })
  return (json.error_codes as number[] | undefined)?.[0]
}

async function describeToken(
  setup: ScenarioSetup,
  token: string
): Promise<{
  status: number
  token: { problems: { code: string }[] }
  accepting: unknown
  nearest?: { differences: { field: string }[] }
}> {
  const file = join(setup.directory, 'token')
  await writeFile(file, token)
  const { status, stdout, stderr } = await setup.run(
    'doctor',
    '--token-file',
    file,
    '--aad-application-client-id',
    clientIdOf(setup.identity),
    '--output',
    'json'
  )
  expect(stdout, stderr).not.toBe('')
  return { status, ...(JSON.parse(stdout) as Omit<Awaited<ReturnType<typeof describeToken>>, 'status'>) }
}

describe.each(kinds)('azwi doctor --token-file, for %s', kind => {
  it('names the credential of a valid token', async () => {
    const setup = setupOf(kind)
    const token = await tokenWith(setup, {})
    expect(await aadsts(setup, token)).toBeUndefined()
    expect(await describeToken(setup, token)).toMatchObject({
      status: 0,
      token: { problems: [] },
      accepting: { name: setup.credential.name }
    })
  })

  it.each<[string, () => JWTPayload, number, string]>([
    ['has expired', () => ({ iat: now() - 7200, nbf: now() - 7200, exp: now() - 3600 }), 700024, 'Expired'],
    ['is not valid yet', () => ({ iat: now() + 3600, nbf: now() + 3600, exp: now() + 7200 }), 700024, 'NotYetValid'],
    ['lives for two days', () => ({ exp: now() + 172_800 }), 70023, 'LivesTooLong'],
    ['is for the API server', () => ({ aud: ['https://kubernetes.default.svc'] }), 700212, 'WrongAudience']
  ])('reports a token that %s, as Entra does', async (_name, claims, code, problem) => {
    const setup = setupOf(kind)
    const token = await tokenWith(setup, claims())
    expect(await aadsts(setup, token)).toBe(code)
    expect(await describeToken(setup, token)).toMatchObject({ status: 1, token: { problems: [{ code: problem }] } })
  })

  it('reports a token that is signed with ES256, as Entra does', async () => {
    const setup = setupOf(kind)
    const token = await tokenWith(setup, {}, await createSigningKey('ES256'))
    expect(await aadsts(setup, token)).toBe(5002738)
    expect(await describeToken(setup, token)).toMatchObject({
      status: 1,
      token: { problems: [{ code: 'WrongAlgorithm' }] }
    })
  })

  it.each<[string, (setup: ScenarioSetup) => JWTPayload, number, string]>([
    ['of another account', () => ({ sub: 'system:serviceaccount:shop:default' }), 700213, 'subject'],
    ['of a namespace in capitals', () => ({ sub: 'system:serviceaccount:Shop:checkout' }), 7002138, 'subject'],
    ['of an issuer without its slash', ({ state }) => ({ iss: state.cluster.issuer.slice(0, -1) }), 700211, 'issuer']
  ])('reports the claim that differs for a token %s', async (_name, claims, code, field) => {
    const setup = setupOf(kind)
    const token = await tokenWith(setup, claims(setup))
    expect(await aadsts(setup, token)).toBe(code)
    expect(await describeToken(setup, token)).toMatchObject({
      status: 1,
      accepting: null,
      nearest: { differences: [{ field }] }
    })
  })
})
