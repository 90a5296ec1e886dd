import { describe, expect, it } from 'vitest'
import { createCredential } from '../../src/auth/credential.js'
import { builtInCloud } from '../../src/config/clouds.js'
import { type FakeAnswer, fakeTransport } from '../helpers/fake-transport.js'

const scope = 'https://graph.microsoft.com/.default'
const token = (expiresIn = 3600): FakeAnswer => ({
  body: { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: `valid ${expiresIn} s` }
})
const unavailable: FakeAnswer = {
  status: 400,
  body: { error: 'invalid_request', error_description: 'AADSTS90033: busy' }
}

/** Returns a credential with a client secret. Entra gives these answers in order, and then repeats the last one. */
function credentialFor(...answers: readonly FakeAnswer[]) {
  const transport = fakeTransport(() => answers[Math.min(transport.requests.length, answers.length) - 1] ?? {})
  const credential = createCredential(
    { method: 'client_secret', clientId: '00000000-0000-0000-0000-000000000002', clientSecret: 'not a secret' },
    {
      tenantId: '00000000-0000-0000-0000-000000000001',
      cloud: builtInCloud('AzurePublicCloud'),
      transport,
      showDeviceCode: () => undefined
    }
  )
  return {
    credential,
    requests: () => transport.requests.length,
    lastForm: () => new URLSearchParams(transport.requests.at(-1)?.body as string)
  }
}

describe('the token cache', () => {
  it('does not keep a failure', async () => {
    const { credential, requests } = credentialFor(unavailable, token())
    await expect(credential.getToken(scope)).rejects.toThrow('AADSTS90033')
    expect(await credential.getToken(scope)).toMatchObject({ token: 'valid 3600 s' })
    expect(requests()).toBe(2)
  })

  it('reports the failure of a prefetch once, and then requests a token again', async () => {
    const { credential, requests } = credentialFor(unavailable, token())
    credential.prefetch(scope)
    await expect(credential.getToken(scope)).rejects.toThrow('AADSTS90033')
    expect(await credential.getToken(scope)).toMatchObject({ token: 'valid 3600 s' })
    expect(requests()).toBe(2)
  })

  it('sends one request for all callers', async () => {
    const { credential, requests } = credentialFor(token())
    credential.prefetch(scope)
    await Promise.all([credential.getToken(scope), credential.getToken([scope])])
    await credential.getToken(scope)
    expect(requests()).toBe(1)
  })

  it('requests a new token if the cached one expires within five minutes', async () => {
    const { credential, requests } = credentialFor(token(299), token())
    expect(await credential.getToken(scope)).toMatchObject({ token: 'valid 3600 s' })
    expect(requests()).toBe(2)
  })

  it('is bypassed for a token that a service has refused, once for all callers', async () => {
    const { credential, requests } = credentialFor(token(), token(3601), token(3602))
    await credential.getToken(scope)
    const renewed = await Promise.all([1, 2, 3].map(() => credential.renew(scope, 'valid 3600 s')))
    expect(renewed).toEqual(['valid 3601 s', 'valid 3601 s', 'valid 3601 s'])
    expect(await credential.renew(scope, 'valid 3600 s')).toBe('valid 3601 s')
    expect(await credential.getToken(scope)).toMatchObject({ token: 'valid 3601 s' })
    expect(requests()).toBe(2)
    expect(await credential.renew(scope, 'valid 3601 s')).toBe('valid 3602 s')
    expect(requests()).toBe(3)
  })

  it('does not keep a failed renewal', async () => {
    const { credential } = credentialFor(token(), unavailable, token(3601))
    await credential.getToken(scope)
    await expect(credential.renew(scope, 'valid 3600 s')).rejects.toThrow('AADSTS90033')
    expect(await credential.getToken(scope)).toMatchObject({ token: 'valid 3601 s' })
  })

  it('passes the claims of a challenge to Entra', async () => {
    const { credential, lastForm } = credentialFor(token(), token(3601))
    await credential.getToken(scope)
    await credential.renew(scope, 'valid 3600 s', '{"access_token":{}}')
    expect(lastForm().get('claims')).toContain('access_token')
  })
})
