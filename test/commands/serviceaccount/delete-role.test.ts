import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import {
  addApplication,
  addRoleAssignment,
  addServicePrincipal,
  groupScope,
  onlyApplication,
  principalOf,
  readerRole,
  subscriptionScope,
  writes
} from '../../helpers/world.js'

const test = useFaultySandbox()
const account = ['--service-account-name', 'app']
const create = (role: string, scope: string, ...more: readonly string[]) =>
  test.run('sa', 'create', ...account, '--azure-role', role, '--azure-scope', scope, ...more)
const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...account, ...more)
const assignments = () => [...test.sandbox.world.roleAssignments.values()]
const removed = (stderr: string) =>
  logLines(stderr).filter(({ message }) => message === '[role-assignment] deleted role assignment')

describe('the role assignments that delete finds', () => {
  it("are all of the principal's, at every scope, and nobody else's", async () => {
    const { world } = test.sandbox
    await create('Reader', groupScope(world))
    await create('Contributor', subscriptionScope(world))
    const principal = principalOf(world, onlyApplication(world))!
    addRoleAssignment(
      world,
      principal.id,
      `${groupScope(world)}/providers/Microsoft.Storage/storageAccounts/azwi`,
      readerRole
    )
    const other = addRoleAssignment(world, '11111111-2222-4333-8444-555555555555', groupScope(world), readerRole)
    expect(assignments()).toHaveLength(4)
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([other])
    expect(removed(stderr)).toHaveLength(3)
  })

  it('may be narrowed by role and scope', async () => {
    const { world } = test.sandbox
    await create('Reader', groupScope(world))
    await create('Contributor', groupScope(world))
    await create('Reader', subscriptionScope(world))
    const { status, stderr } = await test.run(
      'sa',
      'delete',
      'phase',
      'ra',
      ...account,
      '--azure-role',
      'reader',
      '--azure-scope',
      groupScope(world)
    )
    expect(status, stderr).toBe(0)
    expect(assignments()).toHaveLength(2)
    expect(removed(stderr)).toHaveLength(1)
  })

  it('made by someone else for an application that is not ours are kept; ours goes', async () => {
    const { world } = test.sandbox
    const principal = addServicePrincipal(world, addApplication(world, 'shared'))
    const theirs = addRoleAssignment(world, principal.id, subscriptionScope(world), readerRole)
    await create('Reader', groupScope(world), '--aad-application-name', 'shared')
    expect(assignments()).toHaveLength(2)
    const { status, stderr } = await remove('--aad-application-name', 'shared', '--skip-phases', 'app')
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([theirs])
  })
})

describe('--role-assignment-id', () => {
  it('deletes just that one', async () => {
    const { world } = test.sandbox
    await create('Reader', groupScope(world))
    await create('Reader', subscriptionScope(world))
    const [first, second] = assignments()
    const { status, stderr } = await test.run('sa', 'delete', 'phase', 'ra', '--role-assignment-id', first!.id)
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([second])
  })

  it('needs neither Graph nor a cluster', async () => {
    const { id } = addRoleAssignment(
      test.sandbox.world,
      '11111111-2222-4333-8444-555555555555',
      groupScope(test.sandbox.world),
      readerRole
    )
    const { status, stderr } = await test.azwi(['sa', 'delete', 'phase', 'ra', '--role-assignment-id', id], {
      KUBECONFIG: '/nonexistent'
    })
    expect(status, stderr).toBe(0)
    expect(assignments()).toEqual([])
    expect(test.sandbox.requests.filter(({ service }) => service === 'graph' || service === 'kubernetes')).toEqual([])
  })

  it('is done where that one is gone', async () => {
    const id = `${groupScope(test.sandbox.world)}/providers/Microsoft.Authorization/roleAssignments/11111111-2222-4333-8444-555555555555`
    const { status, stderr } = await test.run('sa', 'delete', 'phase', 'ra', '--role-assignment-id', id)
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('[role-assignment] role assignment not found')
    expect(writes(test.sandbox)).toEqual([])
  })
})
