import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines, messages } from '../../helpers/log.js'
import { groupScope, onlyApplication, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const create = () =>
  test.azwi([
    'sa',
    'create',
    '--service-account-name',
    'app',
    '--azure-role',
    'Reader',
    '--azure-scope',
    groupScope(test.sandbox.state)
  ])
const remove = (...more: readonly string[]) => test.azwi(['sa', 'delete', '--service-account-name', 'app', ...more])
const phase = (name: string, ...more: readonly string[]) =>
  test.azwi(['sa', 'delete', 'phase', name, '--service-account-name', 'app', ...more])

describe('azwi serviceaccount delete', () => {
  it('deletes all objects of create: the application after its roles, and the service account last', async () => {
    await create()
    test.sandbox.requests.length = 0
    const { status, stdout, stderr } = await remove()
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    const { state } = test.sandbox
    expect(state.applications.size).toBe(0)
    expect(state.servicePrincipals.size).toBe(1)
    expect(state.roleAssignments.size).toBe(0)
    expect(serviceAccountIn(state, 'app')).toBeUndefined()
    expect(writes(test.sandbox).slice(-2)).toMatchObject([
      { service: 'graph', method: 'DELETE', path: expect.stringMatching(/\/applications\/[^/]+$/) as string },
      { service: 'kubernetes', method: 'DELETE', path: '/api/v1/namespaces/default/serviceaccounts/app' }
    ])
    expect(messages(stderr).toSorted()).toEqual([
      '[aad-application] deleted AAD application',
      '[federated-identity] deleted federated credential',
      '[role-assignment] deleted role assignment',
      '[service-account] deleted Kubernetes service account'
    ])
  })

  it('succeeds if nothing exists, and reports it', async () => {
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(
      logLines(stderr)
        .map(({ level, message }) => `${level} ${message}`)
        .toSorted()
    ).toEqual([
      'WARN [aad-application] AAD application not found',
      'WARN [federated-identity] federated credential not found',
      'WARN [role-assignment] role assignment not found',
      'WARN [service-account] Kubernetes service account not found'
    ])
    expect((await remove()).status).toBe(0)
  })

  it('continues after an interrupted run', async () => {
    await create()
    test.sandbox.state.cluster.serviceAccounts.delete('default/app')
    test.sandbox.state.roleAssignments.clear()
    expect((await remove()).status).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
  })

  it('succeeds in both of two concurrent runs', async () => {
    await create()
    const outcomes = await Promise.all([remove(), remove()])
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0])
    expect(test.sandbox.state.applications.size).toBe(0)
  })

  it('keeps the application if the role assignment cannot be deleted, because a later run finds it by the application', async () => {
    await create()
    test.sandbox.state.denied.add('arm')
    const { status, stderr } = await remove()
    expect(status).toBe(4)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(stderr).toContain('[aad-application] not started')
    test.sandbox.state.denied.delete('arm')
    expect((await remove()).status).toBe(0)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
  })

  it('skips the phases of --skip-phases', async () => {
    await create()
    const { status, stderr } = await remove('--skip-phases', 'app,sa', '--skip-phases', 'fi')
    expect(status, stderr).toBe(0)
    const { state } = test.sandbox
    expect(state.roleAssignments.size).toBe(0)
    expect(onlyApplication(state).federatedIdentityCredentials).toHaveLength(1)
    expect(serviceAccountIn(state, 'app')).toBeDefined()
  })

  it('needs no cluster if a flag names the application', async () => {
    await create()
    const { displayName } = onlyApplication(test.sandbox.state)
    const { status, stderr } = await test.azwi(
      [
        'sa',
        'delete',
        '--service-account-name',
        'app',
        '--aad-application-name',
        displayName,
        '--service-account-issuer-url',
        test.sandbox.state.cluster.issuer,
        '--skip-phases',
        'sa'
      ],
      { KUBECONFIG: '/nonexistent' }
    )
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
  })
})

describe('azwi serviceaccount delete phase', () => {
  it.each([
    ['role-assignment', () => test.sandbox.state.roleAssignments.size === 0],
    ['federated-identity', () => onlyApplication(test.sandbox.state).federatedIdentityCredentials.length === 0],
    ['service-account', () => serviceAccountIn(test.sandbox.state, 'app') === undefined],
    ['aad-application', () => test.sandbox.state.applications.size === 0],
    ['ra', () => test.sandbox.state.roleAssignments.size === 0],
    ['fi', () => onlyApplication(test.sandbox.state).federatedIdentityCredentials.length === 0],
    ['sa', () => serviceAccountIn(test.sandbox.state, 'app') === undefined],
    ['app', () => test.sandbox.state.applications.size === 0]
  ])('%s deletes its own object with one write, and succeeds in a second run', async (name, isDeleted) => {
    await create()
    test.sandbox.requests.length = 0
    // The roles would be orphaned.
    const force = name === 'app' || name === 'aad-application' ? ['--force'] : []
    const { status, stderr } = await phase(name, ...force)
    expect(status, stderr).toBe(0)
    expect(isDeleted()).toBe(true)
    expect(writes(test.sandbox)).toHaveLength(1)
    const again = await phase(name)
    expect(again.status, again.stderr).toBe(0)
    expect(writes(test.sandbox)).toHaveLength(1)
    expect(again.stderr).toContain('not found')
  })
})
