import { beforeEach, describe, expect, it } from 'vitest'
import type { Application } from '../../../sandbox/src/graph/directory.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import {
  addApplication,
  addCredential,
  addServicePrincipal,
  everythingIn,
  issuerOf,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const remove = (...more: readonly string[]) =>
  test.run('sa', 'delete', '--service-account-name', 'app', '--aad-application-name', 'shared', ...more)

describe('an application that azwi did not create', () => {
  let application: Application
  beforeEach(async () => {
    application = addApplication(test.sandbox.state, 'shared')
    addServicePrincipal(test.sandbox.state, application)
    await test.run('sa', 'create', '--service-account-name', 'app', '--aad-application-name', 'shared')
    test.sandbox.requests.length = 0
  })

  it('is not deleted, and nothing else is, and the hint says how to delete it', async () => {
    const before = everythingIn(test.sandbox.state)
    const { status, stderr } = await remove()
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: the application "shared" .* was not made by azwi/m)
    expect(stderr).toContain(`--aad-application-object-id ${application.id}`)
    expect(stderr).toContain('--skip-phases aad-application')
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
  })

  it('is not deleted if its client ID is given', async () => {
    expect((await remove('--aad-application-client-id', application.appId)).status).toBe(1)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is deleted if its object ID is given', async () => {
    const { status, stderr } = await remove('--aad-application-object-id', application.id)
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })

  it('is kept with --skip-phases, and only the credential and the service account of azwi are deleted', async () => {
    const other = addCredential(application)
    const { status, stderr } = await remove('--skip-phases', 'aad-application')
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toEqual([other])
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })
})

describe('an application that the Go azwi created', () => {
  it('is recognised by the tag of its service principal, and deleted with its objects', async () => {
    const { state } = test.sandbox
    const application = addApplication(state, 'shared')
    addServicePrincipal(state, application, ['azwi version: v1.3.0, commit: abc'])
    addCredential(application, {
      name: '1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y=',
      issuer: issuerOf(state),
      subject: 'system:serviceaccount:default:app'
    })
    const { status, stderr } = await remove()
    expect(status, stderr).toBe(0)
    expect(state.applications.size).toBe(0)
    expect(messages(stderr)).toContain('[federated-identity] deleted federated credential')
  })
})

describe('several applications with the same name', () => {
  it('are kept until a flag selects one', async () => {
    const { state } = test.sandbox
    const ours = addApplication(state, 'shared', { tags: ['azwi'] })
    addApplication(state, 'shared')
    const { status, stderr } = await remove()
    expect(status).toBe(1)
    expect(stderr).toContain(ours.appId)
    expect(writes(test.sandbox)).toEqual([])
    const chosen = await remove('--aad-application-client-id', ours.appId)
    expect(chosen.status, chosen.stderr).toBe(0)
    expect([...state.applications.values()].map(({ id }) => id)).not.toContain(ours.id)
    expect(state.applications.size).toBe(1)
  })
})
