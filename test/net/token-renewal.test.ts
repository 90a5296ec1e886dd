import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { withTokenRenewal } from '../../src/net/token-renewal.js'
import { type FakeAnswer, fakeTransport } from '../helpers/fake-transport.js'

interface Renewal {
  readonly refused: string
  readonly claims: string | undefined
}

/** Returns a client for a service that accepts only some tokens, and a login that gives new tokens in order. */
function stage(accepted: readonly string[], freshTokens: readonly string[], answer: FakeAnswer = {}) {
  const renewals: Renewal[] = []
  const transport = fakeTransport(({ headers }) =>
    accepted.includes((headers.get('authorization') ?? '').replace('Bearer ', ''))
      ? {}
      : { status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' }, ...answer }
  )
  let current = 'old'
  const client = withTokenRenewal(transport, (refused, claims) => {
    if (current !== refused) return Promise.resolve(current)
    current = freshTokens[renewals.length] ?? current
    renewals.push({ refused, claims })
    return Promise.resolve(current)
  })
  const send = (token: string) =>
    client.sendRequest(
      createPipelineRequest({
        url: 'https://graph.microsoft.com/v1.0/me',
        headers: createHttpHeaders({ authorization: `Bearer ${token}` })
      })
    )
  return { send, renewals, requests: () => transport.requests.length }
}

describe('a 401', () => {
  it('is answered with a fresh token, once', async () => {
    const { send, renewals, requests } = stage(['new'], ['new'])
    expect((await send('old')).status).toBe(200)
    expect({ renewals, requests: requests() }).toEqual({
      renewals: [{ refused: 'old', claims: undefined }],
      requests: 2
    })
  })

  it('is final if the fresh token is refused too, and later requests do not renew it again', async () => {
    const { send, renewals, requests } = stage([], ['new', 'newer'])
    expect((await send('old')).status).toBe(401)
    expect({ renewals: renewals.length, requests: requests() }).toEqual({ renewals: 1, requests: 2 })
    expect((await send('new')).status).toBe(401)
    expect((await send('old')).status).toBe(401)
    expect({ renewals: renewals.length, requests: requests() }).toEqual({ renewals: 1, requests: 4 })
  })

  it('is final if the login gives the same token again', async () => {
    const { send, renewals, requests } = stage([], ['old'])
    expect((await send('old')).status).toBe(401)
    expect((await send('old')).status).toBe(401)
    expect({ renewals: renewals.length, requests: requests() }).toEqual({ renewals: 1, requests: 3 })
  })

  it('is avoided for a token that another request has already renewed', async () => {
    const { send, requests } = stage(['new'], ['new'])
    await send('old')
    expect((await send('old')).status).toBe(200)
    expect(requests()).toBe(3)
  })

  it('passes the claims of a challenge on, and removes the challenge from the response', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}'
    const encoded = Buffer.from(claims).toString('base64')
    const challenge = `Bearer realm="", error="insufficient_claims", claims="${encoded}"`
    const { send, renewals } = stage([], ['new'], { headers: { 'www-authenticate': challenge } })
    const response = await send('old')
    expect(renewals).toEqual([{ refused: 'old', claims }])
    expect(response.headers.get('www-authenticate')).toBeUndefined()
  })

  it.each(['claims="!!!", error="insufficient_claims"', 'claims="e30=", error="invalid_token"', 'Basic'])(
    'ignores the claims of the challenge %s',
    async challenge => {
      const { send, renewals } = stage(['new'], ['new'], { headers: { 'www-authenticate': challenge } })
      expect((await send('old')).status).toBe(200)
      expect(renewals).toEqual([{ refused: 'old', claims: undefined }])
    }
  )

  it('is final for a request without a token', async () => {
    const { send, renewals, requests } = stage([], ['new'])
    expect((await send('')).status).toBe(401)
    expect({ renewals, requests: requests() }).toEqual({ renewals: [], requests: 1 })
  })

  it.each([200, 400, 403, 404, 500])('differs from %i, which passes', async status => {
    const { send, renewals, requests } = stage([], ['new'], { status })
    expect((await send('old')).status).toBe(status)
    expect({ renewals, requests: requests() }).toEqual({ renewals: [], requests: 1 })
  })
})
