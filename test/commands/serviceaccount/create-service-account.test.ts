import { describe, expect, it } from 'vitest'
import { messages } from '../../helpers/log.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addServiceAccount, onlyApplication, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) => test.run('sa', 'create', '--service-account-name', 'app', ...more)
const account = () => serviceAccountIn(test.sandbox.state, 'app')!
const annotations = () => account().metadata.annotations ?? {}
const clientId = 'azure.workload.identity/client-id'
const expiration = 'azure.workload.identity/service-account-token-expiration'

describe('the service account of create', () => {
  it('keeps labels, annotations and imagePullSecrets of other owners', async () => {
    addServiceAccount(
      test.sandbox.state,
      'app',
      { labels: { team: 'blue' }, annotations: { 'example.com/owner': 'someone', [clientId]: 'an-older-one' } },
      { imagePullSecrets: [{ name: 'registry' }], automountServiceAccountToken: false }
    )
    const { status, stderr } = await create('--adopt')
    expect(status, stderr).toBe(0)
    expect(account()).toMatchObject({ imagePullSecrets: [{ name: 'registry' }], automountServiceAccountToken: false })
    expect(account().metadata.labels).toEqual({ team: 'blue' })
    expect(annotations()).toMatchObject({
      'example.com/owner': 'someone',
      [clientId]: onlyApplication(test.sandbox.state).appId
    })
    expect(messages(stderr)).toContain('[service-account] updated Kubernetes service account')
  })

  it('is applied by the field manager azwi, which owns only the annotations and the label of azwi', async () => {
    addServiceAccount(test.sandbox.state, 'app', { labels: { team: 'blue' } })
    await create()
    expect(account().metadata.managedFields).toMatchObject([{ manager: 'azwi', operation: 'Apply' }])
    expect(JSON.stringify(account().metadata.managedFields[0]?.fieldsV1)).not.toContain('team')
  })

  it('is not marked as created by azwi if it existed, even with the label for the webhook', async () => {
    addServiceAccount(test.sandbox.state, 'app', { labels: { 'azure.workload.identity/use': 'true' } })
    await create()
    expect(account().metadata.labels).toEqual({ 'azure.workload.identity/use': 'true' })
  })

  it.each([
    ['1h30m', '5400'],
    ['5400', '5400'],
    ['3600', '3600'],
    ['24h', '86400'],
    ['86400s', '86400'],
    ['1.5h', '5400'],
    ['60m0s', '3600']
  ])('gets a token expiration of %s as %s seconds', async (text, seconds) => {
    const { status, stderr } = await create('--service-account-token-expiration', text)
    expect(status, stderr).toBe(0)
    expect(annotations()[expiration]).toBe(seconds)
  })

  it('is updated if the expiration or the application changes', async () => {
    await create()
    const changed = await create('--service-account-token-expiration', '2h')
    expect(messages(changed.stderr)).toContain('[service-account] updated Kubernetes service account')
    expect(annotations()[expiration]).toBe('7200')
    const moved = await create('--aad-application-name', 'another')
    expect(moved.status, moved.stderr).toBe(0)
    const another = [...test.sandbox.state.applications.values()].find(({ displayName }) => displayName === 'another')
    expect(annotations()[clientId]).toBe(another?.appId)
    expect(account().metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'azwi' })
  })

  it('overwrites the annotation of another field manager', async () => {
    await create()
    annotations()[clientId] = 'overwritten'
    expect((await create()).status).toBe(0)
    expect(annotations()[clientId]).toBe(onlyApplication(test.sandbox.state).appId)
  })

  it('is an error in a missing namespace, and a later run continues', async () => {
    const words = ['sa', 'create', '--service-account-name', 'app', '--service-account-namespace', 'missing']
    const { status, stderr } = await test.run(...words)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*missing/m)
    expect(stderr).toMatch(/^Hint: .*namespace/m)
    test.sandbox.state.cluster.namespaces.set('missing', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'missing',
        uid: '1',
        resourceVersion: '1',
        creationTimestamp: '2024-01-02T03:04:05Z',
        managedFields: []
      }
    })
    const again = await test.run(...words)
    expect(again.status, again.stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })
})

describe('azwi serviceaccount create phase service-account with a given client ID', () => {
  const id = '11111111-2222-4333-8444-555555555555'
  const noLogin = {
    AZURE_CLIENT_ID: '',
    AZURE_CLIENT_SECRET: '',
    AZURE_TENANT_ID: '',
    AZURE_SUBSCRIPTION_ID: '',
    ARM_CLOUD_METADATA_URL: ''
  }

  it('sends no request to Azure and needs no login', async () => {
    Object.assign(test.environment, noLogin)
    const { status, stderr } = await test.run(
      'sa',
      'create',
      'phase',
      'sa',
      '--service-account-name',
      'app',
      '--aad-application-client-id',
      id
    )
    expect(status, stderr).toBe(0)
    expect(test.sandbox.requests.map(({ service }) => service).filter(service => service !== 'kubernetes')).toEqual([])
    expect(annotations()[clientId]).toBe(id)
  })

  it('keeps the existing tenant ID if it knows none', async () => {
    Object.assign(test.environment, noLogin)
    addServiceAccount(test.sandbox.state, 'app', { annotations: { 'azure.workload.identity/tenant-id': 'a-tenant' } })
    await test.run('sa', 'create', 'phase', 'sa', '--service-account-name', 'app', '--aad-application-client-id', id)
    expect(annotations()).toMatchObject({ [clientId]: id, 'azure.workload.identity/tenant-id': 'a-tenant' })
    test.sandbox.requests.length = 0
    await test.run('sa', 'create', 'phase', 'sa', '--service-account-name', 'app', '--aad-application-client-id', id)
    expect(writes(test.sandbox)).toEqual([])
  })
})
