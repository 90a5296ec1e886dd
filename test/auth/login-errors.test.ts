import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { writes } from '../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) =>
  test.azwi(['sa', 'create', '--service-account-name', 'app', ...identityFlags, ...more])
const refusal = (code: number, error = 'invalid_grant'): SandboxResponse => ({
  status: 400,
  body: {
    error,
    error_description: `AADSTS${code}: Something. Trace ID: 1 Correlation ID: 2 Timestamp: 3`,
    error_codes: [code],
    trace_id: '1',
    correlation_id: '2'
  }
})
const refuse = (answer: SandboxResponse) => {
  test.fault(async (request, service, next) => (service === 'entra' && request.method === 'POST' ? answer : next()))
}

describe('a login that Entra refuses', () => {
  it.each([
    [7000215, 'invalid_client', /client secret is wrong/, /AZURE_CLIENT_SECRET/],
    [7000222, 'invalid_client', /client secret has expired/, /az ad app credential reset --id/],
    [700016, 'unauthorized_client', /no application and no managed identity with this client id/, /--tenant-id/],
    [90002, 'invalid_request', /no such tenant/, /--tenant-id.*--azure-env/],
    [50020, 'invalid_grant', /does not belong to this tenant/, /--tenant-id/],
    [53003, 'access_denied', /conditional access/, /./],
    [530003, 'access_denied', /conditional access/, /./],
    [50005, 'access_denied', /conditional access/, /./],
    [700082, 'invalid_grant', /expired/, /./],
    [50076, 'interaction_required', /multi-factor/, /./],
    [700027, 'invalid_client', /signing key is not registered/, /az ad app credential reset --append --cert/],
    [700213, 'invalid_client', /no credential of the identity has the token's subject/, /federated-credential list/],
    [700024, 'invalid_client', /token has expired or is not valid yet/, /federated-credential list/]
  ])('with AADSTS%i exits with 4, a message and a hint', async (code, error, message, hint) => {
    refuse(refusal(code, error))
    const { status, stdout, stderr } = await create()
    expect({ status, stdout }, stderr).toEqual({ status: 4, stdout: '' })
    const [errorLine, hintLine] = stderr.split('\n').filter(line => /^(Error|Hint): /.test(line))
    expect(errorLine).toMatch(message)
    expect(errorLine).toContain(`AADSTS${code}`)
    expect(hintLine).toMatch(hint)
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(stderr).not.toContain(test.sandbox.state.operator.clientSecret)
    expect(stderr).not.toContain('Trace ID')
    expect(writes(test.sandbox)).toEqual([])
  })

  it('by conditional access gets no hint about a wrong secret', async () => {
    refuse(refusal(53003, 'access_denied'))
    expect((await create()).stderr).not.toMatch(/^Hint: see that client id and secret/m)
  })

  it('with an unknown code exits with 4 and shows the first line of the answer', async () => {
    refuse(refusal(999999))
    const { status, stderr } = await create()
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: .*AADSTS999999: Something\.?\nHint: /m)
  })
})

describe('an Entra that does not answer', () => {
  it('is reported as a network failure, not as a refused login', async () => {
    test.fault((_request, service, next) => (service === 'entra' ? Promise.resolve('cut') : next()))
    const { status, stderr } = await create('--timeout', '3s')
    expect(stderr).not.toMatch(/^Hint: see that client id and secret/m)
    expect(status).toBe(1)
    expect(writes(test.sandbox)).toEqual([])
  })
})
