import { describe, expect, it } from 'vitest'
import { fetchPublicDocument } from '../../src/net/public-document.js'
import { fakeTransport } from '../helpers/fake-transport.js'

const url = 'https://issuer.example/.well-known/openid-configuration'

describe('a public document', () => {
  it('is fetched as JSON or as a key set, without a login', async () => {
    const transport = fakeTransport(() => ({ body: { issuer: 'one' } }))
    expect(await fetchPublicDocument(url, transport)).toEqual({ value: { issuer: 'one' } })
    expect(transport.requests.map(({ url, method, headers }) => [url, method, headers.toJSON()])).toEqual([
      [url, 'GET', { accept: 'application/json, application/jwk-set+json' }]
    ])
  })

  it.each([
    ['text', 'is no URL'],
    ['http://issuer.example/', 'is not https'],
    ['file:///etc/https://', 'is not https']
  ])('at %s is not requested: it %s', async (address, problem) => {
    const transport = fakeTransport(() => ({}))
    expect(await fetchPublicDocument(address, transport)).toEqual({ problem })
    expect(transport.requests).toEqual([])
  })

  it.each([201, 301, 404, 503])('with the status %i is a problem', async status => {
    const transport = fakeTransport(() => ({ status, body: { issuer: 'one' } }))
    expect(await fetchPublicDocument(url, transport)).toEqual({ problem: `answered ${status}` })
  })

  it('that is no JSON, or empty, is a problem', async () => {
    for (const bodyAsText of ['<html>', '', undefined]) {
      const transport = fakeTransport(() => ({}))
      const sendRequest: typeof transport.sendRequest = async request => {
        const { status, headers } = await transport.sendRequest(request)
        return { request, status, headers, ...(bodyAsText === undefined ? {} : { bodyAsText }) }
      }
      expect(await fetchPublicDocument(url, { sendRequest })).toEqual({ problem: 'is no JSON' })
    }
  })

  it('that cannot be fetched is a problem: the first line of the error', async () => {
    const transport = fakeTransport(() => Promise.reject(new Error('no route\nto the host')))
    expect(await fetchPublicDocument(url, transport)).toEqual({ problem: 'cannot be fetched: no route' })
  })
})
