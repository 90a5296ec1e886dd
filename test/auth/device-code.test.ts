import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope } from '../helpers/world.js'
import { identityFlags } from '../helpers/managed-identity.js'

const test = useFaultySandbox()
const message = 'To sign in, open https://microsoft.com/devicelogin and enter the code ABCD-1234.'
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A person who types every code at once. Returns how often one was asked for. */
function person(): () => number {
  const { state } = test.sandbox
  let codes = 0
  test.fault(async (request, service, next) => {
    if (service === 'entra' && request.path.endsWith('/devicecode')) {
      codes += 1
      return {
        status: 200,
        body: {
          user_code: 'ABCD-1234',
          device_code: `code-${codes}`,
          verification_uri: 'https://microsoft.com/devicelogin',
          expires_in: 900,
          interval: 0,
          message
        }
      }
    }
    if (service !== 'entra' || request.method !== 'POST') return next()
    const form = new URLSearchParams(request.body.toString())
    const { clientId, objectId } = state.operator
    const audience =
      form.get('scope')?.includes(state.endpoints.graph) === true ? state.endpoints.graph : state.endpoints.arm
    const token = await state.accessTokens.issue({ appId: clientId, objectId }, audience)
    const claims = {
      aud: clientId,
      iss: `${state.endpoints.entra}/${state.tenantId}/v2.0`,
      oid: objectId,
      sub: objectId,
      tid: state.tenantId,
      preferred_username: 'someone@example.com',
      ver: '2.0',
      exp: 9999999999,
      iat: 1
    }
    return {
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: 3600,
        ext_expires_in: 3600,
        access_token: token,
        refresh_token: 'a-Refresh~Token',
        scope: form.get('scope') ?? '',
        id_token: `${part({ alg: 'none' })}.${part(claims)}.`,
        client_info: part({ uid: objectId, utid: state.tenantId })
      }
    }
  })
  return () => codes
}
const run = (...words: readonly string[]) =>
  test.azwi(['sa', 'create', '--service-account-name', 'app', '--auth-method', 'device_code', ...words], {
    AZURE_CLIENT_SECRET: ''
  })

describe('--auth-method device_code', () => {
  it('shows the message on stderr, once, and nothing on stdout', async () => {
    const codes = person()
    const { status, stdout, stderr } = await run(...identityFlags)
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(stderr.split('\n')).toContain(message)
    expect(codes()).toBe(1)
    expect(stderr).not.toContain('a-Refresh~Token')
  })

  it('asks a person once, though Graph and ARM each want a token', async () => {
    const codes = person()
    const { status, stderr } = await run('--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state))
    expect(status, stderr).toBe(0)
    expect(codes()).toBe(1)
  })
})
