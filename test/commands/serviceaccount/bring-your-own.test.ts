import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import {
  addApplication,
  addServicePrincipal,
  groupScope,
  principalOf,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const unknownId = '11111111-2222-4333-8444-555555555555'
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const create = (...more: readonly string[]) =>
  test.run('sa', 'create', '--service-account-name', 'app', ...more, ...role())
const addExisting = () => addApplication(test.sandbox.state, 'theirs')
const clientIdWritten = () =>
  serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']

describe('an existing application', () => {
  it.each([
    ['--aad-application-client-id', (ids: { id: string; appId: string }) => ids.appId],
    ['--aad-application-object-id', (ids: { id: string; appId: string }) => ids.id],
    ['--aad-application-client-id', (ids: { id: string; appId: string }) => ids.appId.toUpperCase()]
  ])('is found by %s alone', async (flag, id) => {
    const application = addExisting()
    const principal = addServicePrincipal(test.sandbox.state, application)
    const { status, stderr } = await create(flag, id(application))
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toHaveLength(1)
    expect(clientIdWritten()).toBe(application.appId)
    expect([...test.sandbox.state.roleAssignments.values()]).toMatchObject([{ principalId: principal.id }])
    expect(test.sandbox.state.applications.size).toBe(1)
    test.sandbox.requests.length = 0
    expect((await create(flag, id(application))).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('gets a service principal if it has none', async () => {
    const application = addExisting()
    const { status, stderr } = await create('--aad-application-object-id', application.id)
    expect(status, stderr).toBe(0)
    expect([...test.sandbox.state.roleAssignments.values()]).toMatchObject([
      { principalId: principalOf(test.sandbox.state, application)?.id }
    ])
  })

  it.each([
    ['--aad-application-client-id', (appId: string) => [['fi'], ['ra'], ['sa']].map(([name]) => [name!, appId])],
    ['--aad-application-object-id', (_: string, id: string) => [['fi'], ['ra'], ['sa']].map(([name]) => [name!, id])]
  ])('is found by %s alone in each phase', async (flag, cases) => {
    const application = addExisting()
    addServicePrincipal(test.sandbox.state, application)
    for (const [name, id] of cases(application.appId, application.id)) {
      const { status, stderr } = await test.run(
        'sa',
        'create',
        'phase',
        name!,
        flag,
        id!,
        ...(name === 'ra' ? role() : ['--service-account-name', 'app'])
      )
      expect(status, stderr).toBe(0)
    }
    expect(writes(test.sandbox)).toHaveLength(3)
    expect(clientIdWritten()).toBe(application.appId)
  })

  it.each(['--aad-application-client-id', '--aad-application-object-id'])(
    'is an error, and nothing is written, if none has this ID: %s',
    async flag => {
      for (const words of [[], ['--skip-phases', 'app']]) {
        const { status, stderr } = await create(flag, unknownId, ...words)
        expect(status).toBe(1)
        expect(stderr).toMatch(new RegExp(`^Error: .*application.*${unknownId}.*\nHint: .*az ad app list`, 'm'))
        expect(stderr.match(/^Error: /gm), stderr).toHaveLength(1)
        expect(writes(test.sandbox)).toEqual([])
      }
    }
  )

  it.each(['fi', 'ra'])('is required by phase %s, which otherwise writes nothing', async name => {
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      name,
      '--aad-application-client-id',
      unknownId,
      ...(name === 'ra' ? role() : ['--service-account-name', 'app'])
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^Error: .*${unknownId}`, 'm'))
    expect(writes(test.sandbox)).toEqual([])
  })

  it('needs a service principal for phase ra, and the hint creates it', async () => {
    const application = addExisting()
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      'ra',
      '--aad-application-client-id',
      application.appId,
      ...role()
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*no service principal.*\nHint: .*phase app/m)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is refused if the two IDs belong to different applications, and nothing is written', async () => {
    const [one, other] = [addExisting(), addExisting()]
    const { status, stderr } = await create(
      '--aad-application-client-id',
      one.appId,
      '--aad-application-object-id',
      other.id
    )
    expect(status).toBe(2)
    expect(stderr).toMatch(new RegExp(`^Error: .*${other.id}.*${one.appId}`, 'm'))
    expect(writes(test.sandbox)).toEqual([])
  })
})
