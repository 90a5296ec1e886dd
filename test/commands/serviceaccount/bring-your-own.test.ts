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
const nobody = '11111111-2222-4333-8444-555555555555'
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]
const create = (...more: readonly string[]) =>
  test.run('sa', 'create', '--service-account-name', 'app', ...more, ...role())
const theirs = () => addApplication(test.sandbox.state, 'theirs')
const clientIdWritten = () =>
  serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']

describe("an application of one's own", () => {
  it.each([
    ['--aad-application-client-id', (ids: { id: string; appId: string }) => ids.appId],
    ['--aad-application-object-id', (ids: { id: string; appId: string }) => ids.id],
    ['--aad-application-client-id', (ids: { id: string; appId: string }) => ids.appId.toUpperCase()]
  ])('%s is enough by itself: the rest is looked up', async (flag, id) => {
    const application = theirs()
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

  it('gets the service principal that it lacks', async () => {
    const application = theirs()
    const { status, stderr } = await create('--aad-application-object-id', application.id)
    expect(status, stderr).toBe(0)
    expect([...test.sandbox.state.roleAssignments.values()]).toMatchObject([
      { principalId: principalOf(test.sandbox.state, application)?.id }
    ])
  })

  it.each([
    ['--aad-application-client-id', (appId: string) => [['fi'], ['ra'], ['sa']].map(([name]) => [name!, appId])],
    ['--aad-application-object-id', (_: string, id: string) => [['fi'], ['ra'], ['sa']].map(([name]) => [name!, id])]
  ])('%s is enough for each phase alone', async (flag, cases) => {
    const application = theirs()
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
    '%s of none is an error that names it, and nothing is written',
    async flag => {
      for (const words of [[], ['--skip-phases', 'app']]) {
        const { status, stderr } = await create(flag, nobody, ...words)
        expect(status).toBe(1)
        expect(stderr).toMatch(new RegExp(`^Error: .*application.*${nobody}.*\nHint: .*az ad app list`, 'm'))
        expect(stderr.match(/^Error: /gm), stderr).toHaveLength(1)
        expect(writes(test.sandbox)).toEqual([])
      }
    }
  )

  it.each(['fi', 'ra'])('phase %s with a client id of none writes nothing', async name => {
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      name,
      '--aad-application-client-id',
      nobody,
      ...(name === 'ra' ? role() : ['--service-account-name', 'app'])
    )
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^Error: .*${nobody}`, 'm'))
    expect(writes(test.sandbox)).toEqual([])
  })

  it('phase ra with an application that has no service principal says how to make it', async () => {
    const application = theirs()
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

  it('with two ids of different applications is refused, and nothing is written', async () => {
    const [one, other] = [theirs(), theirs()]
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
