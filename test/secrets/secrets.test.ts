import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../src/main.js'
import type { Intercept } from '../../sandbox/src/sandbox.js'
import { registerClientCertificate } from '../../sandbox/src/entra/certificate-assertion.js'
import { selfSignedCertificate } from '../helpers/certificate.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope, onlyApplication } from '../helpers/state.js'
import { createLedger, leaks, type Ledger, noteSandbox } from './ledger.js'

const test = useFaultySandbox()
let ledger: Ledger
let printed: string
beforeEach(() => {
  ledger = createLedger()
  noteSandbox(ledger, test.sandbox)
  printed = ''
  test.fault(ledger.intercept)
})

const skipWaits = (): Partial<Host> => {
  const clock = { now: 0 }
  return {
    now: () => clock.now,
    sleep: milliseconds => {
      clock.now += milliseconds
      return Promise.resolve()
    }
  }
}
/** Runs a command line with and without --debug, and adds its output to `printed`. */
async function runTwice(words: readonly string[], environment: Record<string, string> = {}): Promise<number[]> {
  const outcomes = []
  for (const more of [['--debug'], []]) {
    const outcome = await test.azwi([...words, ...more], environment, skipWaits())
    printed += outcome.stdout + outcome.stderr
    outcomes.push(outcome.status)
  }
  return outcomes
}
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const app = ['--service-account-name', 'app']
const managed = [...app, '--managed-identity-name', 'app-identity', '--managed-identity-resource-group', 'azwi-sandbox']
/** Expects no secret in the output. Also expects that there were secrets and output. */
function expectNoLeak(): void {
  expect(ledger.secrets.size).toBeGreaterThanOrEqual(2)
  expect(printed).not.toBe('')
  expect(leaks(ledger, printed)).toEqual([])
}

describe('the output contains no secret', () => {
  it.each([
    ['an application', app],
    ['a managed identity', managed]
  ])('in create --wait, dry runs, delete and second runs, with %s', async (_, flags) => {
    expect(await runTwice(['sa', 'create', ...flags, ...role(), '--dry-run'])).toEqual([0, 0])
    expect(await runTwice(['sa', 'create', ...flags, ...role(), '--wait'])).toEqual([0, 0])
    expect([...ledger.secrets.values()]).toContain('a service account token that was issued')
    expect(await runTwice(['sa', 'delete', ...flags, '--dry-run'])).toEqual([0, 0])
    expect(await runTwice(['sa', 'delete', ...flags])).toEqual([0, 0])
    expectNoLeak()
  })

  it('in single phases, help and jwks', async () => {
    for (const phase of ['app', 'sa', 'fi', 'ra'])
      await runTwice(['sa', 'create', 'phase', phase, ...app, ...(phase === 'ra' ? role() : [])])
    for (const phase of ['ra', 'fi', 'sa', 'app']) await runTwice(['sa', 'delete', 'phase', phase, ...app])
    for (const words of [
      [],
      ['--help'],
      ['sa', 'create', '--help'],
      ['version'],
      ['jwks', '--public-keys', 'test/fixtures/keys/rsa.pub']
    ])
      await runTwice(words)
    expectNoLeak()
  })

  it('with a secret in a flag or a file', async () => {
    const { clientId, clientSecret } = test.sandbox.state.operator
    const path = join(test.directory, 'secret')
    writeFileSync(path, clientSecret, { mode: 0o644 })
    const login = { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '' }
    expect(
      await runTwice(
        ['sa', 'create', ...app, ...role(), '--client-id', clientId, '--client-secret', clientSecret],
        login
      )
    ).toEqual([0, 0])
    expect(
      await runTwice(['sa', 'create', ...app, ...role(), '--client-id', clientId, '--client-secret-file', path], login)
    ).toEqual([0, 0])
    expect(printed).toMatch(/WARN.* others can read /)
    expectNoLeak()
  })

  it.each(['registered', 'not registered'])('with a certificate that is %s', async kind => {
    const { certificate, key } = await selfSignedCertificate()
    if (kind === 'registered')
      registerClientCertificate(test.sandbox.state, test.sandbox.state.operator.clientId, certificate)
    const path = join(test.directory, 'certificate.pem')
    writeFileSync(path, certificate + key)
    key
      .split('\n')
      .filter(line => !line.startsWith('---'))
      .forEach(line => {
        ledger.note('a line of the private key', line)
      })
    const status = kind === 'registered' ? 0 : 4
    expect(
      await runTwice(
        ['sa', 'create', ...app, ...role(), '--auth-method', 'client_certificate', '--certificate-path', path],
        { AZURE_CLIENT_SECRET: '' }
      )
    ).toEqual([status, status])
    expectNoLeak()
  })

  it("with a workload identity's own token", async () => {
    expect(await runTwice(['sa', 'create', ...app, ...role()])).toEqual([0, 0])
    const path = join(test.directory, 'token')
    for (const token of [
      'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJub2JvZHkifQ.c2lnbmF0dXJlLW9mLW5vYm9keQ',
      'no-token-but-secret-all-the-same'
    ]) {
      writeFileSync(path, token)
      ledger.note('the federated token', token)
      const { appId } = onlyApplication(test.sandbox.state)
      expect(
        await runTwice(
          ['sa', 'create', ...app, ...role(), '--auth-method', 'workload_identity', '--client-id', appId],
          {
            AZURE_FEDERATED_TOKEN_FILE: path,
            AZURE_CLIENT_SECRET: ''
          }
        )
      ).toEqual([4, 4])
    }
    expectNoLeak()
  })

  it('with the token of a GitHub job, even if the runner refuses it', async () => {
    const request = 'a-request-token-of-the-runner'
    const token = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJnaXRodWIifQ.c2lnbmF0dXJlLW9mLWdpdGh1Yg'
    ledger.note("the runner's request token", request)
    ledger.note("the runner's token", token)
    for (const status of [200, 500, 403]) {
      test.fault(async (asked, service, next) =>
        asked.path === '/runner'
          ? { status, body: { value: token, message: `no, not for ${token}` } }
          : ledger.intercept(asked, service, next)
      )
      await runTwice(
        [
          'sa',
          'create',
          ...app,
          ...role(),
          '--auth-method',
          'github',
          '--client-id',
          test.sandbox.state.operator.clientId
        ],
        {
          ACTIONS_ID_TOKEN_REQUEST_URL: `${test.sandbox.state.endpoints.issuer}/runner`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: request,
          AZURE_CLIENT_SECRET: ''
        }
      )
    }
    expectNoLeak()
  })

  const failures: readonly (readonly [
    string,
    (request: Parameters<Intercept>[0], service: Parameters<Intercept>[1]) => Awaited<ReturnType<Intercept>> | undefined
  ])[] = [
    [
      'a 401',
      (_, service) =>
        service === 'entra'
          ? undefined
          : {
              status: 401,
              body: { error: { code: 'InvalidAuthenticationToken', message: 'Access token validation failure.' } }
            }
    ],
    [
      'a 403',
      (request, service) =>
        service === 'entra' || request.method === 'GET'
          ? undefined
          : { status: 403, body: { error: { code: 'Forbidden', message: 'no' } } }
    ],
    ['a connection that is closed', (_, service) => (service === 'entra' ? undefined : 'cut')],
    [
      'a response that is not JSON',
      (_, service) => (service === 'entra' ? undefined : { status: 200, body: '<html>' })
    ],
    [
      'a login that is refused',
      (request, service) =>
        service === 'entra' && request.method === 'POST'
          ? {
              status: 401,
              body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' }
            }
          : undefined
    ],
    ['a login that breaks', (_, service) => (service === 'entra' ? { status: 500, body: 'oops' } : undefined)],
    [
      'an exchange that is refused',
      request =>
        request.body.toString().includes('client_assertion=')
          ? { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS700213: no' } }
          : undefined
    ],
    ['an exchange that breaks', request => (request.body.toString().includes('client_assertion=') ? 'cut' : undefined)]
  ]
  it.each(failures)('after %s', async (_, failure) => {
    test.fault(async (request, service, next) => {
      const outcome = await ledger.intercept(request, service, next)
      return failure(request, service) ?? outcome
    })
    await runTwice(['sa', 'create', ...app, ...role(), '--wait'])
    await runTwice(['sa', 'delete', ...app, '--purge'])
    expect(printed).toContain('Error: ')
    expectNoLeak()
  })
})

describe('leaks', () => {
  it('finds a token, a part of a token, a secret and a key', async () => {
    await runTwice(['sa', 'create', ...app, ...role()])
    const [token] = [...ledger.secrets].find(([secret]) => secret.startsWith('eyJ'))!
    expect(leaks(ledger, `x ${token} y`)).not.toEqual([])
    expect(leaks(ledger, `x ${token.split('.')[2]!} y`)).not.toEqual([])
    expect(leaks(ledger, test.sandbox.state.operator.clientSecret)).toEqual(["the operator's client secret"])
    expect(leaks(ledger, '-----BEGIN RSA PRIVATE KEY-----')).toEqual(['a private key'])
  })
})
