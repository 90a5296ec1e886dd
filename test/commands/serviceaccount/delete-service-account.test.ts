import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { fieldsFor, messages } from '../../helpers/log.js'
import { addServiceAccount, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const flow = (verb: string, name = 'app') => test.run('sa', verb, '--service-account-name', name)
const account = (name = 'app') => serviceAccountIn(test.sandbox.state, name)
const stripped = '[service-account] removed annotations from Kubernetes service account, kept the rest'

describe('a service account in delete', () => {
  it.each([
    ['labels', { metadata: { labels: { team: 'blue' } } }, 'team'],
    ['annotations', { metadata: { annotations: { 'example.com/owner': 'someone' } } }, 'example.com/owner'],
    ['imagePullSecrets', { metadata: {}, more: { imagePullSecrets: [{ name: 'registry' }] } }, 'registry'],
    ['secrets', { metadata: {}, more: { secrets: [{ name: 'mine' }] } }, 'mine'],
    [
      'owners',
      { metadata: { ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'App', name: 'boss', uid: '1' }] } },
      'App/boss'
    ],
    ['a setting', { metadata: {}, more: { automountServiceAccountToken: false } }, 'automountServiceAccountToken']
  ])(
    'with %s of other owners loses only the annotations of azwi, and the log says why',
    async (_, { metadata, more }: { metadata: object; more?: object }, named) => {
      addServiceAccount(test.sandbox.state, 'app', metadata, { ...more })
      const before = structuredClone(account())
      await flow('create')
      const { status, stderr } = await flow('delete')
      expect(status, stderr).toBe(0)
      const { metadata: left, ...rest } = account()!
      const { metadata: had, ...restBefore } = before!
      expect(rest).toEqual(restBefore)
      expect(left.labels ?? {}).toEqual(had.labels ?? {})
      expect(left.annotations ?? {}).toEqual(had.annotations ?? {})
      expect(fieldsFor(stderr, stripped).reason).toContain(named)
    }
  )

  it('that azwi created and others changed is kept', async () => {
    await flow('create')
    account()!.metadata.labels = { ...account()!.metadata.labels, team: 'blue' }
    const { status, stderr } = await flow('delete')
    expect(status, stderr).toBe(0)
    expect(account()?.metadata.labels).toEqual({ team: 'blue' })
    expect(account()?.metadata.annotations ?? {}).toEqual({})
  })

  it.each([
    ['app', 'app-dockercfg-x7k2p'],
    [
      'a-service-account-with-a-name-that-is-too-long-for-a-prefix',
      'a-service-account-with-a-name-that-is-0a1b2c3d-dockercfg-x7k2p'
    ]
  ])('named %s is deleted with what the controllers of OpenShift added', async (name, secret) => {
    await flow('create', name)
    const { metadata } = account(name)!
    const pullSecretKey = 'openshift.io/internal-registry-pull-secret-ref'
    metadata.annotations = { ...metadata.annotations, [pullSecretKey]: secret }
    metadata.managedFields.push({
      manager: 'openshift.io/image-registry-pull-secrets_service-account-controller',
      operation: 'Apply',
      apiVersion: 'v1',
      time: '2024-01-02T03:04:05Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:imagePullSecrets': {},
        'f:metadata': { 'f:annotations': { [`f:${pullSecretKey}`]: {} } },
        'f:secrets': { [`k:{"name":"${secret}"}`]: {} }
      }
    })
    Object.assign(account(name)!, { secrets: [{ name: secret }], imagePullSecrets: [{ name: secret }] })
    const { status, stderr } = await flow('delete', name)
    expect(status, stderr).toBe(0)
    expect(account(name)).toBeUndefined()
  })

  it.each([
    ['nothing on it', {}],
    ["the webhook's label", { labels: { 'azure.workload.identity/use': 'true' } }]
  ])('that azwi did not create is kept, with %s', async (_, metadata) => {
    addServiceAccount(test.sandbox.state, 'app', metadata)
    await flow('create')
    const { status, stderr } = await flow('delete')
    expect(status, stderr).toBe(0)
    expect(account()).toBeDefined()
    expect(account()?.metadata.annotations ?? {}).toEqual({})
  })

  it('that the Go azwi created is recognised by its field manager, and deleted', async () => {
    addServiceAccount(test.sandbox.state, 'app', {
      annotations: { 'azure.workload.identity/client-id': 'x' },
      labels: { 'azure.workload.identity/use': 'true' },
      managedFields: [
        {
          manager: 'azwi',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2024-01-02T03:04:05Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:annotations': { '.': {}, 'f:azure.workload.identity/client-id': {} } }
          }
        }
      ]
    })
    const { status, stderr } = await flow('delete')
    expect(status, stderr).toBe(0)
    expect(account()).toBeUndefined()
  })

  it('named default is never deleted', async () => {
    await flow('create', 'default')
    expect(account('default')?.metadata.annotations).toBeDefined()
    const { status, stderr } = await flow('delete', 'default')
    expect(status, stderr).toBe(0)
    expect(account('default')).toBeDefined()
    expect(account('default')?.metadata.annotations ?? {}).toEqual({})
  })

  it('without annotations of azwi is not changed', async () => {
    addServiceAccount(test.sandbox.state, 'app', { labels: { team: 'blue' } })
    const { status, stderr } = await flow('delete')
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(messages(stderr)).toContain('[service-account] kept Kubernetes service account, as it is')
  })

  it('is read again and kept if it changed between the read and the delete', async () => {
    await flow('create')
    test.fault(async (request, service, next) => {
      const answer = structuredClone(await next())
      if (
        service === 'kubernetes' &&
        request.method === 'GET' &&
        request.path.endsWith('/serviceaccounts/app') &&
        account()?.metadata.labels?.team === undefined
      ) {
        const live = account()!
        live.metadata.labels = { ...live.metadata.labels, team: 'blue' }
        live.metadata.resourceVersion = test.sandbox.state.cluster.nextResourceVersion()
      }
      return answer
    })
    const { status } = await flow('delete')
    expect(status).toBe(0)
    expect(account()?.metadata.labels).toEqual({ team: 'blue' })
  })
})
