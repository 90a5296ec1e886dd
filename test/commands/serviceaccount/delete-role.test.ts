import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import {
  addApplication,
  addRoleAssignment,
  addServicePrincipal,
  everythingIn,
  groupScope,
  onlyApplication,
  principalOf,
  readerRole,
  subscriptionScope,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const account = ['--service-account-name', 'app']
const create = (role: string, scope: string, ...more: readonly string[]) =>
  test.run('sa', 'create', ...account, '--azure-role', role, '--azure-scope', scope, ...more)
const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...account, ...more)
const assignments = () => [...test.sandbox.state.roleAssignments.values()]
const removed = (stderr: string) =>
  logLines(stderr).filter(({ message }) => message === '[role-assignment] deleted role assignment')

describe('the role assignments of delete', () => {
  it('are those that azwi assigned to the principal, at every scope; one that a person assigned needs --force', async () => {
    const { state } = test.sandbox
    await create('Reader', groupScope(state))
    await create('Contributor', subscriptionScope(state))
    const principal = principalOf(state, onlyApplication(state))!
    const byHand = addRoleAssignment(
      state,
      principal.id,
      `${groupScope(state)}/providers/Microsoft.Storage/storageAccounts/azwi`,
      readerRole
    )
    const other = addRoleAssignment(state, '11111111-2222-4333-8444-555555555555', groupScope(state), readerRole)
    expect(assignments()).toHaveLength(4)
    const before = everythingIn(state)
    const refused = await remove()
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(byHand.id)
    expect(everythingIn(state)).toEqual(before)
    const { status, stderr } = await remove('--force')
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([byHand, other])
    expect(removed(stderr)).toHaveLength(2)
  })

  it('are limited by --azure-role and --azure-scope', async () => {
    const { state } = test.sandbox
    await create('Reader', groupScope(state))
    await create('Contributor', groupScope(state))
    await create('Reader', subscriptionScope(state))
    const { status, stderr } = await test.run(
      'sa',
      'delete',
      'phase',
      'ra',
      ...account,
      '--azure-role',
      'reader',
      '--azure-scope',
      groupScope(state)
    )
    expect(status, stderr).toBe(0)
    expect(assignments()).toHaveLength(2)
    expect(removed(stderr)).toHaveLength(1)
  })

  it('are only those that azwi created if azwi did not create the application', async () => {
    const { state } = test.sandbox
    const principal = addServicePrincipal(state, addApplication(state, 'shared'))
    const theirs = addRoleAssignment(state, principal.id, subscriptionScope(state), readerRole)
    await create('Reader', groupScope(state), '--aad-application-name', 'shared')
    expect(assignments()).toHaveLength(2)
    const { status, stderr } = await remove('--aad-application-name', 'shared', '--skip-phases', 'app')
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([theirs])
  })
})

describe('--role-assignment-id', () => {
  it('deletes only the given one', async () => {
    const { state } = test.sandbox
    await create('Reader', groupScope(state))
    await create('Reader', subscriptionScope(state))
    const [first, second] = assignments()
    const { status, stderr } = await test.run('sa', 'delete', 'phase', 'ra', '--role-assignment-id', first!.id)
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([second])
  })

  it('sends no request to Graph or the cluster', async () => {
    const { id } = addRoleAssignment(
      test.sandbox.state,
      '11111111-2222-4333-8444-555555555555',
      groupScope(test.sandbox.state),
      readerRole
    )
    const { status, stderr } = await test.azwi(['sa', 'delete', 'phase', 'ra', '--role-assignment-id', id], {
      KUBECONFIG: '/nonexistent'
    })
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([])
    expect(test.sandbox.requests.filter(({ service }) => service === 'graph' || service === 'kubernetes')).toEqual([])
  })

  it('succeeds if it does not exist', async () => {
    const id = `${groupScope(test.sandbox.state)}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555`
    const { status, stderr } = await test.run('sa', 'delete', 'phase', 'ra', '--role-assignment-id', id)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('[role-assignment] role assignment not found')
    expect(writes(test.sandbox)).toEqual([])
  })
})
