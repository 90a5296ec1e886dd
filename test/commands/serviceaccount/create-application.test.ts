import { describe, expect, it } from 'vitest'
import { fieldsFor, messages } from '../../helpers/log.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import {
  addApplication,
  addServicePrincipal,
  everythingIn,
  onlyApplication,
  principalOf,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) => test.run('sa', 'create', '--service-account-name', 'app', ...more)

describe('the application of create', () => {
  it('has the name of the Go azwi by default', async () => {
    await test.run(
      'sa',
      'create',
      '--service-account-name',
      'azwi-sa',
      '--service-account-issuer-url',
      'https://chuwon.blob.core.windows.net/oidc-test/',
      '--allow-other-issuer'
    )
    expect(onlyApplication(test.sandbox.state).displayName).toBe(
      'default-azwi-sa-1g7d7NgSw9Q2EsSeafgx8uQKqR4q6zTrsPjDdrvN79Y='
    )
  })

  it('gets a shortened name, always the same, if the default one is too long for Graph', async () => {
    const name = 'a'.repeat(253)
    expect((await test.run('sa', 'create', '--service-account-name', name)).status).toBe(0)
    const { displayName } = onlyApplication(test.sandbox.state)
    expect(displayName.length).toBeLessThanOrEqual(256)
    expect((await test.run('sa', 'create', '--service-account-name', name)).status).toBe(0)
    expect(onlyApplication(test.sandbox.state).displayName).toBe(displayName)
  })

  it('is the existing one with the name, and is not marked as created by azwi', async () => {
    const existing = addApplication(test.sandbox.state, 'shared')
    const { status, stderr } = await create('--aad-application-name', 'shared')
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state)).toMatchObject({ id: existing.id, tags: [], uniqueName: null })
    expect(existing.federatedIdentityCredentials).toHaveLength(1)
    expect(fieldsFor(stderr, '[aad-application] AAD application already exists').clientID).toBe(existing.appId)
    expect(messages(stderr)).toContain('[aad-application] created service principal')
  })

  it('keeps its existing service principal', async () => {
    const principal = addServicePrincipal(test.sandbox.state, addApplication(test.sandbox.state, 'shared'))
    const { stderr } = await create('--aad-application-name', 'shared')
    expect(fieldsFor(stderr, '[aad-application] service principal already exists').objectID).toBe(principal.id)
    expect(principalOf(test.sandbox.state, principal)).toEqual(principal)
  })

  it('is refused if several have the name, with client IDs, creation times and flags, and nothing is written', async () => {
    const { state } = test.sandbox
    const twins = [
      addApplication(state, 'twin'),
      addApplication(state, 'twin', { createdDateTime: '2023-05-06T07:08:09.0000000Z' })
    ]
    const before = everythingIn(state)
    const { status, stderr } = await create('--aad-application-name', 'twin')
    expect(status).toBe(1)
    for (const { appId } of twins) expect(stderr).toContain(appId)
    expect(stderr).toContain('2024-01-02T03:04:05')
    expect(stderr).toContain('2023-05-06T07:08:09')
    expect(stderr).toMatch(/^Hint: .*--aad-application-client-id.*--aad-application-object-id/m)
    expect(writes(test.sandbox)).toEqual([])
    expect(everythingIn(state)).toEqual(before)
    const chosen = await create('--aad-application-name', 'twin', '--aad-application-client-id', twins[1]!.appId)
    expect(chosen.status, chosen.stderr).toBe(0)
    expect(serviceAccountIn(state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']).toBe(
      twins[1]!.appId
    )
  })

  it.each(['client', 'object'])('is an error, and nothing is written, if no application has the %s ID', async kind => {
    const id = '11111111-2222-4333-8444-555555555555'
    const { status, stderr } = await create(`--aad-application-${kind}-id`, id)
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^Error: .*${id}`, 'm'))
    expect(stderr).toMatch(/^Hint: /m)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is an error if the two IDs belong to different applications', async () => {
    const [one, other] = [addApplication(test.sandbox.state, 'one'), addApplication(test.sandbox.state, 'other')]
    const { status, stderr } = await create(
      '--aad-application-object-id',
      one.id,
      '--aad-application-client-id',
      other.appId
    )
    expect(status).toBe(2)
    expect(stderr).toContain(one.appId)
    expect(stderr).toContain(other.appId)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('is found by its object ID alone', async () => {
    const application = addApplication(test.sandbox.state, 'given')
    const { status, stderr } = await create('--aad-application-object-id', application.id.toUpperCase())
    expect(status, stderr).toBe(0)
    expect(application.federatedIdentityCredentials).toHaveLength(1)
  })

  it.each(["O'Brien", 'a & b', 'C# + 50% / "x"', 'ünïcode 日本', "''", '(x)?y=z', 'a\\b'])(
    'can have the name %s',
    async name => {
      const first = await create('--aad-application-name', name)
      expect(first.status, first.stderr).toBe(0)
      expect(onlyApplication(test.sandbox.state).displayName).toBe(name)
      test.sandbox.requests.length = 0
      const second = await create('--aad-application-name', name)
      expect(second.status, second.stderr).toBe(0)
      expect(writes(test.sandbox)).toEqual([])
    }
  )
})
