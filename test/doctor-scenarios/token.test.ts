import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { createSigningKey } from '../../sandbox/src/signing-key.js'
import { armScope, askToken } from '../../sandbox/test/client.js'
import { clientIdOf, type IdentityKind } from './healthy.js'
import { useHealthySetups } from './setup.js'
import type { ScenarioSetup } from './scenario.js'

const stageOf = useHealthySetups()
const kinds: readonly IdentityKind[] = ['application', 'managed identity']
const now = (): number => Math.floor(Date.now() / 1000)

/** A token as the API server would have made it for `shop/checkout`, but for some claims. */
async function tokenWith(
  { state }: ScenarioSetup,
  claims: JWTPayload,
  key = state.cluster.signingKeys[0]!
): Promise<string> {
  const usual = {
    iss: state.cluster.issuer,
    sub: 'system:serviceaccount:shop:checkout',
    aud: ['api://AzureADTokenExchange'],
    iat: now(),
    nbf: now(),
    exp: now() + 3600
  }
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: key.jwk.alg, kid: key.kid })
    .sign(key.privateKey)
}

/** What Entra itself says. */
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

async function described(
  stage: ScenarioSetup,
  token: string
): Promise<{
  status: number
  token: { problems: { code: string }[] }
  accepting: unknown
  nearest?: { differences: { field: string }[] }
}> {
  const file = join(stage.directory, 'token')
  await writeFile(file, token)
  const { status, stdout, stderr } = await stage.run(
    'doctor',
    '--token-file',
    file,
    '--aad-application-client-id',
    clientIdOf(stage.identity),
    '--output',
    'json'
  )
  expect(stdout, stderr).not.toBe('')
  return { status, ...(JSON.parse(stdout) as Omit<Awaited<ReturnType<typeof described>>, 'status'>) }
}

describe.each(kinds)('a token alone, for %s', kind => {
  it('that is in order has a credential', async () => {
    const stage = stageOf(kind)
    const token = await tokenWith(stage, {})
    expect(await aadsts(stage, token)).toBeUndefined()
    expect(await described(stage, token)).toMatchObject({
      status: 0,
      token: { problems: [] },
      accepting: { name: stage.credential.name }
    })
  })

  it.each<[string, () => JWTPayload, number, string]>([
    ['has expired', () => ({ iat: now() - 7200, nbf: now() - 7200, exp: now() - 3600 }), 700024, 'Expired'],
    ['is for later', () => ({ iat: now() + 3600, nbf: now() + 3600, exp: now() + 7200 }), 700024, 'NotYetValid'],
    ['lives for two days', () => ({ exp: now() + 172_800 }), 70023, 'LivesTooLong'],
    ['is for the API server', () => ({ aud: ['https://kubernetes.default.svc'] }), 700212, 'WrongAudience']
  ])('that %s is found out', async (_what, claims, code, problem) => {
    const stage = stageOf(kind)
    const token = await tokenWith(stage, claims())
    expect(await aadsts(stage, token)).toBe(code)
    expect(await described(stage, token)).toMatchObject({ status: 1, token: { problems: [{ code: problem }] } })
  })

  it('that is signed with ES256 is found out', async () => {
    const stage = stageOf(kind)
    const token = await tokenWith(stage, {}, await createSigningKey('ES256'))
    expect(await aadsts(stage, token)).toBe(5002738)
    expect(await described(stage, token)).toMatchObject({
      status: 1,
      token: { problems: [{ code: 'WrongAlgorithm' }] }
    })
  })

  it.each<[string, (stage: ScenarioSetup) => JWTPayload, number, string]>([
    ['of another account', () => ({ sub: 'system:serviceaccount:shop:default' }), 700213, 'subject'],
    ['of a namespace in capitals', () => ({ sub: 'system:serviceaccount:Shop:checkout' }), 7002138, 'subject'],
    ['of an issuer without its slash', ({ state }) => ({ iss: state.cluster.issuer.slice(0, -1) }), 700211, 'issuer']
  ])('%s is told what differs', async (_what, claims, code, field) => {
    const stage = stageOf(kind)
    const token = await tokenWith(stage, claims(stage))
    expect(await aadsts(stage, token)).toBe(code)
    expect(await described(stage, token)).toMatchObject({
      status: 1,
      accepting: null,
      nearest: { differences: [{ field }] }
    })
  })
})
