import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines, messages } from '../../helpers/log.js'
import {
  addApplication,
  addServicePrincipal,
  groupScope,
  onlyApplication,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const account = ['--service-account-name', 'app']
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const phase = (name: string, ...more: readonly string[]) =>
  test.azwi(['sa', 'create', 'phase', name, ...account, ...more])
const written = () => writes(test.sandbox).map(({ service, method }) => `${method} ${service}`)

describe('azwi serviceaccount create phase', () => {
  it.each(['aad-application', 'app'])('%s creates only the application and the service principal', async name => {
    const { status, stderr } = await phase(name)
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toEqual([])
    expect(written()).toEqual(['PATCH graph', 'POST graph'])
  })

  it.each(['service-account', 'sa'])('%s creates only the service account of an existing application', async name => {
    await phase('app')
    test.sandbox.requests.length = 0
    const { status, stderr } = await phase(name)
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PATCH kubernetes'])
    expect(
      serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']
    ).toBe(onlyApplication(test.sandbox.state).appId)
  })

  it.each(['federated-identity', 'fi'])('%s adds only the credential', async name => {
    await phase('app')
    test.sandbox.requests.length = 0
    const { status, stderr } = await phase(name)
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PATCH graph'])
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
  })

  it.each(['role-assignment', 'ra'])('%s assigns only the role', async name => {
    await phase('app')
    test.sandbox.requests.length = 0
    const { status, stderr } = await phase(name, ...role())
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PUT arm'])
  })

  it.each(['sa', 'fi'])('%s without an application names the flag for one, and writes nothing', async name => {
    const { status, stderr } = await phase(name)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: there is no application named "default-app-.*"$/m)
    expect(stderr).toMatch(/^Hint: .*--aad-application-client-id/m)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('quotes a name in the proposed line for a shell', async () => {
    const { stderr } = await phase('fi', '--aad-application-name', '$(id) "`x`\" it\'s')
    expect(stderr).toMatch(/^Hint: .* --aad-application-name '\$\(id\) "`x`" it'\\''s'; or/m)
  })

  it.each(['app', 'fi'])('%s needs no subscription if the tenant is known', async name => {
    addServicePrincipal(test.sandbox.state, addApplication(test.sandbox.state, 'shared'))
    const { status, stderr } = await test.azwi(
      ['sa', 'create', 'phase', name, ...account, '--aad-application-name', 'shared'],
      { AZURE_SUBSCRIPTION_ID: undefined }
    )
    expect(status, stderr).toBe(0)
    expect(
      test.sandbox.requests.filter(({ service, path }) => service === 'arm' && !path.startsWith('/metadata/'))
    ).toEqual([])
  })

  it('role-assignment sends no request to the cluster if a flag names the application', async () => {
    await phase('app', '--aad-application-name', 'named')
    const { status, stderr } = await test.azwi(
      ['sa', 'create', 'phase', 'ra', '--aad-application-name', 'named', ...role()],
      { KUBECONFIG: '/nonexistent' }
    )
    expect(status, stderr).toBe(0)
  })
})

describe('--skip-phases', () => {
  const create = (...more: readonly string[]) => test.azwi(['sa', 'create', ...account, ...more])

  it('skips phases by name or alias, in a list or repeated, and reports them', async () => {
    const { status, stderr } = await create('--skip-phases', 'sa,ra', '--skip-phases', 'federated-identity', ...role())
    expect(status, stderr).toBe(0)
    expect(written()).toEqual(['PATCH graph', 'POST graph'])
    expect(
      logLines(stderr)
        .filter(({ message }) => message === 'skipping phase')
        .map(({ fields }) => fields.phase)
        .toSorted()
    ).toEqual(['federated-identity', 'role-assignment', 'service-account'])
  })

  it('still reads the application if another phase needs it', async () => {
    await create('--skip-phases', 'sa,fi')
    test.sandbox.requests.length = 0
    const { status, stderr } = await create('--skip-phases', 'app', ...role())
    expect(status, stderr).toBe(0)
    expect(written().toSorted()).toEqual(['PATCH graph', 'PATCH kubernetes', 'PUT arm'])
    expect(serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations).toMatchObject({
      'azure.workload.identity/client-id': onlyApplication(test.sandbox.state).appId,
      'azure.workload.identity/tenant-id': test.sandbox.state.tenantId
    })
  })

  it('refuses an unknown name before any request, with the list of names', async () => {
    const { status, stderr } = await create('--skip-phases', 'sa,nonsense')
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: .*"nonsense".*\nHint: /)
    for (const name of ['aad-application', 'service-account', 'federated-identity', 'role-assignment'])
      expect(stderr).toContain(name)
    expect(test.sandbox.requests).toEqual([])
  })

  it('does nothing if it names every phase', async () => {
    const { status, stderr } = await create('--skip-phases', 'app,sa,fi,ra')
    expect(status, stderr).toBe(0)
    expect(messages(stderr)).toEqual(Array(4).fill('skipping phase'))
    expect(test.sandbox.requests).toEqual([])
  })

  it('needs no login that only skipped phases use', async () => {
    const { status, stderr } = await test.azwi(
      [
        'sa',
        'create',
        ...account,
        '--skip-phases',
        'app,fi,ra',
        '--aad-application-client-id',
        '11111111-2222-4333-8444-555555555555'
      ],
      { AZURE_CLIENT_ID: '', AZURE_CLIENT_SECRET: '' }
    )
    expect(status, stderr).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
  })
})
