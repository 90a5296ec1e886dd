import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addServiceAccount, groupScope, onlyApplication, serviceAccountIn } from '../../helpers/state.js'

const test = useFaultySandbox()
const flags = () => [
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
const create = () => test.run('sa', 'create', ...flags())
const remove = () => test.run('sa', 'delete', '--service-account-name', 'app')

describe('a second azwi serviceaccount create', () => {
  it('creates one set of objects if both run at the same time', async () => {
    const outcomes = await Promise.all([create(), create(), create()])
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0, 0])
    const { state } = test.sandbox
    const application = onlyApplication(state)
    expect(application.federatedIdentityCredentials).toHaveLength(1)
    expect([...state.servicePrincipals.values()].filter(({ appId }) => appId === application.appId)).toHaveLength(1)
    expect(state.roleAssignments.size).toBe(1)
    expect(serviceAccountIn(state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']).toBe(
      application.appId
    )
  })

  it('creates a new application after each delete, although the deleted one keeps its unique name', async () => {
    const ids = new Set<string>()
    for (const round of [1, 2, 3]) {
      const created = await create()
      expect(created.status, `round ${round}: ${created.stderr}`).toBe(0)
      ids.add(onlyApplication(test.sandbox.state).id)
      const removed = await remove()
      expect(removed.status, `round ${round}: ${removed.stderr}`).toBe(0)
      expect(test.sandbox.state.applications.size).toBe(0)
    }
    expect(ids.size).toBe(3)
    expect(test.sandbox.state.deletedApplications.size).toBe(3)
  })

  it('creates one application if both run at the same time after a delete', async () => {
    await create()
    await remove()
    const outcomes = await Promise.all([create(), create()])
    expect(
      outcomes.map(({ status }) => status),
      outcomes.map(({ stderr }) => stderr).join('\n')
    ).toEqual([0, 0])
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
  })

  it('finds its application under another display name', async () => {
    await create()
    onlyApplication(test.sandbox.state).displayName = 'renamed by hand'
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })

  it('creates what was deleted in the meantime', async () => {
    await create()
    const { state } = test.sandbox
    const application = onlyApplication(state)
    state.cluster.serviceAccounts.delete('default/app')
    application.federatedIdentityCredentials.length = 0
    state.roleAssignments.clear()
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(onlyApplication(state).federatedIdentityCredentials).toHaveLength(1)
    expect(state.roleAssignments.size).toBe(1)
    expect(serviceAccountIn(state, 'app')).toBeDefined()
  })

  it('creates a service principal that was deleted without its application', async () => {
    await create()
    const { state } = test.sandbox
    const { appId } = onlyApplication(state)
    for (const [id, principal] of state.servicePrincipals)
      if (principal.appId === appId) state.servicePrincipals.delete(id)
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    const principal = [...state.servicePrincipals.values()].find(each => each.appId === appId)
    expect([...state.roleAssignments.values()].some(({ principalId }) => principalId === principal?.id)).toBe(true)
  })

  it('uses the existing service account for a credential that is created later', async () => {
    addServiceAccount(test.sandbox.state, 'app', { labels: { team: 'blue' } })
    expect((await create()).status).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')?.metadata.labels).toEqual({ team: 'blue' })
  })
})
