import { describe, expect, it } from 'vitest'
import { exchangeToken } from '../../src/clients/entra/exchange.js'
import { builtInCloud } from '../../src/config/clouds.js'
import { AzwiError } from '../../src/errors.js'
import { type FakeAnswer, fakeTransport } from '../helpers/fake-transport.js'

const exchange = (answer: FakeAnswer) =>
  exchangeToken(
    'header.claims.signature',
    {
      clientId: '11111111-2222-4333-8444-555555555555',
      tenantId: '22222222-3333-4444-8555-666666666666',
      resource: 'https://management.azure.com'
    },
    builtInCloud('AzurePublicCloud'),
    fakeTransport(() => answer)
  )

describe('the exchange of a token', () => {
  it.each<readonly [string, FakeAnswer]>([
    ['an error of the server', { status: 500, body: { error: 'server_error', error_description: 'no' } }],
    ['an error without a code', { status: 400, body: { error: 'invalid_request' } }],
    ['HTML', { body: '<html>sign in</html>' }],
    ['an empty object', { body: {} }],
    ['null', { body: null }],
    ['a list', { body: [] }]
  ])('fails with an explanation if Entra answers with %s', async (_, answer) => {
    const error = await exchange(answer).catch((failure: unknown) => failure)
    expect(error).toBeInstanceOf(AzwiError)
    expect(error).toMatchObject({ code: 'ExchangeFailed', hint: expect.stringContaining('proxy') as string })
    expect((error as AzwiError).message).not.toContain('header.claims.signature')
  })

  it('reports the code of Entra', async () => {
    const text = 'AADSTS700213: No matching federated identity record found.\r\nTrace ID: 1'
    expect(await exchange({ status: 401, body: { error: 'invalid_client', error_description: text } })).toMatchObject({
      accepted: false,
      reason: 'AADSTS700213'
    })
  })
})
