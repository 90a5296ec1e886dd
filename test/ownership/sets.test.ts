import { describe, expect, it } from 'vitest'
import { addManagedIdentity, group, stateOf } from '../helpers/managed-identity.js'
import { addApplication, addCredential, addServicePrincipal, issuerOf, serviceAccountIn } from '../helpers/state.js'
import { useApply } from '../workloads/stage.js'

const { test, apply } = useApply()
const state = () => test.sandbox.state
const setOf = (name = 'app') => serviceAccountIn(state(), name)?.metadata.labels?.['azwi/set']
const workload = (identity: string) => `workloads: [{ name: app, identity: ${identity} }]`

describe('a service account of another set', () => {
  it.each([
    ['by a file of another set', 'set: pay\n', 'the set "pay"'],
    ['by a file without a set', '', 'no set']
  ])('is not taken %s, unless --adopt is given', async (_, line, has) => {
    await apply('set: shop\nworkloads: [{ name: app }]')
    const before = stateOf(state())
    for (const more of ['', ', tokenExpiration: 2h', ', identity: { application: { name: other } }']) {
      const { status, stderr } = await apply(`${line}workloads: [{ name: app${more} }]`)
      expect(status).toBe(1)
      expect(stderr).toContain('the service account default/app belongs to the set "shop"')
      expect(stderr).toContain(`its label azwi/set is "shop", and the file has ${has}`)
      expect(stderr).toContain('--adopt')
    }
    expect(stateOf(state())).toEqual(before)
    const adopted = await apply(`${line}workloads: [{ name: app }]`, '--adopt')
    expect(adopted.status, adopted.stderr).toBe(0)
    expect(setOf()).toBe(line === '' ? undefined : 'pay')
  })

  it('is not deleted by the prune of the set that could not take it', async () => {
    await apply('set: shop\nworkloads: [{ name: app }]')
    await apply('set: pay\nworkloads: [{ name: app }]')
    await apply('set: pay\nworkloads: []', '--prune', '--yes')
    expect(setOf()).toBe('shop')
  })

  it('does not stop the other workloads of the file', async () => {
    await apply('set: shop\nworkloads: [{ name: app }]')
    const { status } = await apply('set: pay\nworkloads: [{ name: app }, { name: free }]')
    expect(status).toBe(1)
    expect([setOf(), setOf('free')]).toEqual(['shop', 'pay'])
  })

  it('keeps its set if create changes it', async () => {
    await apply('set: shop\nworkloads: [{ name: app }]')
    const { status, stderr } = await test.run(
      ...['sa', 'create', '--service-account-name', 'app', '--service-account-token-expiration', '2h']
    )
    expect(status, stderr).toBe(0)
    expect(setOf()).toBe('shop')
  })

  it('is not one without a set, which a file can take', async () => {
    await test.run('sa', 'create', '--service-account-name', 'app')
    const { status, stderr } = await apply('set: shop\nworkloads: [{ name: app }]')
    expect(status, stderr).toBe(0)
    expect(setOf()).toBe('shop')
  })
})

describe('an identity that a file names and azwi did not create', () => {
  const application = () => {
    const found = addApplication(state(), 'theirs')
    addServicePrincipal(state(), found)
    return found
  }

  it.each<[string, () => readonly [string, readonly string[]]]>([
    [
      'an application',
      () => {
        const { id, appId } = application()
        return [
          '{ application: { name: theirs } }',
          [`{ application: { objectId: ${id} } }`, `{ application: { clientId: ${appId} } }`]
        ]
      }
    ],
    [
      'a managed identity',
      () => {
        const { id } = addManagedIdentity(state())
        return [
          `{ managedIdentity: { name: shared, resourceGroup: ${group} } }`,
          [`{ managedIdentity: { resourceId: ${id} } }`]
        ]
      }
    ]
  ])('is refused by name and used by ID: %s', async (_, arrange) => {
    const [byName, byIds] = arrange()
    const before = stateOf(state())
    const { status, stderr } = await apply(workload(byName))
    expect(status).toBe(1)
    expect(stderr).toContain('azwi did not create it')
    expect(stateOf(state())).toEqual(before)
    for (const byId of byIds) {
      const used = await apply(workload(byId))
      expect(used.status, used.stderr).toBe(0)
    }
    // It trusts the service account now, so the name is enough.
    const again = await apply(workload(byName))
    expect(again.status, again.stderr).toBe(0)
    const removed = await test.run('sa', 'delete', '--service-account-name', 'app')
    expect(removed.status, removed.stderr).toBe(0)
    expect(stateOf(state())).toEqual(before)
  })

  it('is used by name with --adopt, and stays as it was', async () => {
    application()
    const before = stateOf(state())
    const { status, stderr } = await apply(workload('{ application: { name: theirs } }'), '--adopt')
    expect(status, stderr).toBe(0)
    const removed = await test.run('sa', 'delete', '--service-account-name', 'app')
    expect(removed.status, removed.stderr).toBe(0)
    expect(stateOf(state())).toEqual(before)
  })

  it('is refused by name also with the mark, if a service account of no file is connected to it', async () => {
    const found = application()
    found.tags = ['azwi']
    addCredential(found, { issuer: issuerOf(state()), subject: 'system:serviceaccount:elsewhere:other' })
    const before = stateOf(state())
    const { status, stderr } = await apply(workload('{ application: { name: theirs } }'))
    expect(status).toBe(1)
    expect(stderr).toContain('its credential someone-elses trusts')
    expect(stateOf(state())).toEqual(before)
  })
})
