import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addManagedIdentity, identityFlags, onlyManagedIdentity } from '../../helpers/managed-identity.js'
import { groupScope, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const words = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  ...identityFlags,
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const forbidden = { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } }
const refuse = (isRequest: (path: string) => boolean) => {
  test.fault(async (request, _service, next) =>
    request.method !== 'GET' && isRequest(request.path) ? forbidden : next()
  )
}

describe('after a failure in a later phase', () => {
  it.each([
    ['the credential', (path: string) => path.includes('/federatedIdentityCredentials/'), 4],
    ['the role assignment', (path: string) => path.includes('/roleAssignments/'), 4],
    ['the service account', (path: string) => path.includes('/serviceaccounts/'), 4]
  ])('the summary says what exists and how to continue, and a second run succeeds: %s', async (_, isRequest, exit) => {
    refuse(isRequest)
    const { status, stdout, stderr } = await test.run(...words())
    expect({ status, stdout }, stderr).toEqual({ status: exit, stdout: '' })
    const summary = stderr.split('\n').find(line => line.startsWith('There now: '))
    expect(summary).toContain('managed identity "shared"')
    expect(stderr).toMatch(/^To continue, run the same line again \(azwi serviceaccount create …\)/m)
    test.fault((_request, _service, next) => next())
    const again = await test.run(...words())
    expect(again.status, again.stderr).toBe(0)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
  })

  it('the summary names only existing objects', async () => {
    refuse(path =>
      ['/federatedIdentityCredentials/', '/roleAssignments/', '/serviceaccounts/'].some(part => path.includes(part))
    )
    const { stderr } = await test.run(...words(), '--create-namespace')
    expect(stderr).toMatch(/^There now: managed identity "shared"\.$/m)
    expect(stderr.match(/^Error: /gm)?.length).toBeGreaterThanOrEqual(1)
  })

  it('in the first phase, the output says that nothing changed and which permission is missing', async () => {
    refuse(path => path.includes('/userAssignedIdentities/'))
    const { status, stderr } = await test.run(...words())
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Hint: .*Managed Identity Contributor/m)
    expect(stderr).toMatch(/^Nothing was changed\.$/m)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })

  it('of delete, nothing is deleted if a role cannot be, and a second run succeeds', async () => {
    await test.run(...words())
    refuse(path => path.includes('/roleAssignments/'))
    const remove = () => test.run('sa', 'delete', '--service-account-name', 'app', ...identityFlags)
    const { status, stderr } = await remove()
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Nothing was changed\.$/m)
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
    test.fault((_request, _service, next) => next())
    const again = await remove()
    expect(again.status, again.stderr).toBe(0)
    expect(test.sandbox.state.managedIdentities.size).toBe(0)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
  })
})

describe('--create-namespace', () => {
  const inNamespace = (...more: readonly string[]) =>
    test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--service-account-namespace',
      'team',
      ...identityFlags,
      ...more
    )
  const made = () => writes(test.sandbox).filter(({ path }) => path === '/api/v1/namespaces')

  it('creates the namespace once, and a second run writes nothing', async () => {
    const { status, stderr } = await inNamespace('--create-namespace')
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.cluster.namespaces.has('team')).toBe(true)
    expect(serviceAccountIn(test.sandbox.state, 'app', 'team')).toBeDefined()
    test.sandbox.requests.length = 0
    expect((await inNamespace('--create-namespace')).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('keeps an existing namespace', async () => {
    await inNamespace('--create-namespace')
    test.sandbox.state.cluster.serviceAccounts.delete('team/app')
    test.sandbox.requests.length = 0
    expect((await inNamespace('--create-namespace')).status).toBe(0)
    expect(made()).toEqual([])
  })

  it('creates one namespace in two concurrent runs', async () => {
    const outcomes = await Promise.all([inNamespace('--create-namespace'), inNamespace('--create-namespace')])
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0])
  })

  it('is required: without it, a missing namespace is refused before any write', async () => {
    addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await inNamespace('--azure-role', 'Reader', '--azure-scope', 'sub:')
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*"team".*\nHint: .*--create-namespace.*kubectl create namespace team/m)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('only reports the namespace in a dry run', async () => {
    const { status, stderr } = await inNamespace('--create-namespace', '--dry-run')
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('would create namespace')
    expect(writes(test.sandbox)).toEqual([])
  })
})
