import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Application } from '../../../sandbox/src/graph/directory.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { fieldsFor, messages } from '../../helpers/log.js'
import {
  addApplication,
  addCredential,
  addServicePrincipal,
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

  it.each([
    ['its name', () => []],
    ['its client ID', () => ['--aad-application-client-id', application.appId]],
    ['its object ID', () => ['--aad-application-object-id', application.id]]
  ])('is kept if the flags give %s, and loses only the credential of the service account', async (_, more) => {
    const other = addCredential(application)
    const { status, stderr } = await remove(...more())
    expect(status, stderr).toBe(0)
    expect(fieldsFor(stderr, '[aad-application] kept AAD application').reason).toBe('it was not made by azwi')
    expect([...test.sandbox.state.applications.values()]).toEqual([application])
    expect(application.federatedIdentityCredentials).toEqual([other])
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
      name: `${createHash('sha256')
        .update(`default-app-${issuerOf(state)}`)
        .digest('base64url')}=`,
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
