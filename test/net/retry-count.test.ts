import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import type { Intercept } from '../../sandbox/src/sandbox.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope } from '../helpers/state.js'

const test = useFaultySandbox()
/** The first attempt and seven retries, as in src/net/retry.ts. */
const maxAttempts = 8
const flags = () => [
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const managed = ['--managed-identity-name', 'app-identity', '--managed-identity-resource-group', 'azwi-sandbox']
const answer = (status: number, code = 'Fault'): SandboxResponse => ({
  status,
  body: { error: { code, message: 'no' } }
})

/** The requests of the create flow: a name, a predicate, and flags that make azwi send the request. */
const routes: readonly (readonly [
  string,
  (method: string, path: string, service: Parameters<Intercept>[1]) => boolean,
  readonly string[]
])[] = [
  [
    'the token endpoint',
    (method, path, service) => service === 'entra' && method === 'POST' && path.endsWith('/token'),
    ['--skip-phases', 'ra']
  ],
  ["the cloud's metadata", (_, path) => path === '/metadata/endpoints', []],
  [
    'the issuer of the cluster',
    (_, path, service) => service === 'kubernetes' && path === '/.well-known/openid-configuration',
    []
  ],
  ['the look-up of the application', (method, path) => method === 'GET' && path === '/v1.0/applications', []],
  ['the application', (method, path) => method === 'PATCH' && path.startsWith('/v1.0/applications('), []],
  ['the service principal', (method, path) => method === 'POST' && path === '/v1.0/servicePrincipals', []],
  ['the credential', (method, path) => method === 'PATCH' && path.includes('/federatedIdentityCredentials('), []],
  ['the service account', (method, path) => method === 'PATCH' && path.endsWith('/serviceaccounts/app'), []],
  ['the look-up of the role', (_, path) => path.endsWith('/roleDefinitions'), []],
  ['the role assignment', (method, path) => method === 'PUT' && path.includes('/roleAssignments/'), []],
  [
    'the managed identity',
    (method, path) => method === 'PUT' && path.endsWith('/userAssignedIdentities/app-identity'),
    managed
  ],
  [
    "the managed identity's credential",
    (method, path) => method === 'PUT' && path.includes('/federatedIdentityCredentials/'),
    managed
  ]
]

async function countRequests(
  matches: (typeof routes)[number][1],
  outcome: SandboxResponse | 'cut',
  more: readonly string[]
) {
  let requests = 0
  test.fault(async (request, service, next) => {
    if (!matches(request.method, request.path, service)) return next()
    requests++
    return outcome
  })
  const words = more.includes('ra') ? ['--service-account-name', 'app'] : flags()
  const { status, stderr } = await test.azwi(
    ['sa', 'create', ...words, ...more],
    {},
    { sleep: () => Promise.resolve() }
  )
  return { requests, status, stderr }
}

describe.each(routes)('%s', (_, matches, more) => {
  it.each([
    ['status 503', answer(503)],
    ['a closed connection', 'cut' as const]
  ])('is requested eight times if the answer is always %s', async (_name, outcome) => {
    const { requests, status, stderr } = await countRequests(matches, outcome, more)
    expect(status, stderr).not.toBe(0)
    expect(requests).toBe(maxAttempts)
  })

  it('is requested once if it is forbidden', async () => {
    const { requests, status, stderr } = await countRequests(matches, answer(403, 'Forbidden'), more)
    expect(status, stderr).not.toBe(0)
    expect(stderr).not.toContain('waiting')
    expect(requests).toBe(1)
  })
})
