import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { messages } from '../helpers/log.js'
import { addManagedIdentity } from '../helpers/managed-identity.js'
import {
  addApplication,
  addServiceAccount,
  addServicePrincipal,
  everythingIn,
  serviceAccountIn,
  writes
} from '../helpers/state.js'

const test = useFaultySandbox()
const create = (...more: readonly string[]) => test.run('sa', 'create', '--service-account-name', 'app', ...more)
const clientId = 'azure.workload.identity/client-id'
const tenantId = 'azure.workload.identity/tenant-id'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const theirs = '11111111-2222-4333-8444-55555555555a'
const account = () => serviceAccountIn(test.sandbox.state, 'app')!
const annotations = () => account().metadata.annotations ?? {}

type Values = Readonly<Record<string, string>>
type Entry = KubernetesObject['metadata']['managedFields'][number]

/** The entry that the API server keeps for a field manager. */
const entryOf = (
  manager: string,
  operation: Entry['operation'],
  annotationKeys: readonly string[],
  labelKeys: readonly string[] = []
): Entry => {
  const fields = (keys: readonly string[]) => Object.fromEntries(keys.map(key => [`f:${key}`, {}]))
  return {
    manager,
    operation,
    apiVersion: 'v1',
    time: '2024-01-02T03:04:05Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        ...(annotationKeys.length > 0 && { 'f:annotations': fields(annotationKeys) }),
        ...(labelKeys.length > 0 && { 'f:labels': fields(labelKeys) })
      }
    }
  }
}

/** Adds a service account that a field manager created with these annotations and labels. */
const addOwned = (
  manager: string,
  annotations: Values,
  labels: Values = {},
  operation: Entry['operation'] = 'Apply'
): KubernetesObject =>
  addServiceAccount(test.sandbox.state, 'app', {
    annotations: { ...annotations },
    labels: { ...labels },
    managedFields: [entryOf(manager, operation, Object.keys(annotations), Object.keys(labels))]
  })

/** Writes a value as another field manager does, after azwi has read the service account. */
const writeAs = (manager: string, key: string, value: string): void => {
  const { metadata } = account()
  metadata.annotations = { ...metadata.annotations, [key]: value }
  metadata.managedFields.push(entryOf(manager, 'Update', [key]))
  metadata.resourceVersion = test.sandbox.state.cluster.nextResourceVersion()
}

/** Calls `change` once, just before azwi's first write to the service account arrives. */
const beforeTheWrite = (change: () => void): void => {
  let isDone = false
  test.fault((request, service, next) => {
    if (!isDone && service === 'kubernetes' && request.method === 'PATCH') {
      isDone = true
      change()
    }
    return next()
  })
}

const managersOf = (key: string): string[] =>
  account()
    .metadata.managedFields.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes(`"f:${key}"`))
    .map(({ manager }) => manager)

describe('create for a service account with values of others', () => {
  it('leaves their expiration and labels as they are, and does not become an owner of them', async () => {
    addOwned('helm', { [expiration]: '7200', note: 'x' }, { team: 'blue' })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(annotations()).toMatchObject({ [expiration]: '7200', note: 'x' })
    expect([expiration, 'team', 'note', clientId].map(managersOf)).toEqual([['helm'], ['helm'], ['helm'], ['azwi']])
    expect(account().metadata.labels).toEqual({ team: 'blue' })
    test.sandbox.requests.length = 0
    expect((await create()).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('leaves an expiration without a known owner as it is, on a service account that azwi did not create', async () => {
    addServiceAccount(test.sandbox.state, 'app', { annotations: { [expiration]: '7200' } })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(annotations()[expiration]).toBe('7200')
  })

  it('replaces an expiration or a label of theirs if its flag is given, and nothing else', async () => {
    addOwned('helm', { [expiration]: '7200', note: 'x' }, { team: 'blue', tier: 'web' })
    const { status, stderr } = await create('--service-account-token-expiration', '3h', '--labels', 'team=red')
    expect(status, stderr).toBe(0)
    expect(annotations()).toMatchObject({ [expiration]: '10800', note: 'x' })
    expect(account().metadata.labels).toEqual({ team: 'red', tier: 'web' })
    expect([expiration, 'team', 'note', 'tier'].map(managersOf)).toEqual([['azwi'], ['azwi'], ['helm'], ['helm']])
  })

  it.each([
    ['the same client ID', (id: string) => id],
    ['the same client ID in upper case', (id: string) => id.toUpperCase()]
  ])('keeps %s, and leaves its owner alone', async (_, written) => {
    const application = addApplication(test.sandbox.state, 'theirs')
    addServicePrincipal(test.sandbox.state, application)
    addOwned('argocd-controller', { [clientId]: written(application.appId) })
    const flags = ['--aad-application-object-id', application.id]
    const { status, stderr } = await create(...flags)
    expect(status, stderr).toBe(0)
    expect(annotations()[clientId]).toBe(written(application.appId))
    expect(managersOf(clientId)).toEqual(['argocd-controller'])
    test.sandbox.requests.length = 0
    expect((await create(...flags)).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('does not try to remove a hint that another manager owns', async () => {
    addOwned('velero', { 'azwi/managed-identity': '/subscriptions/elsewhere' })
    expect((await create()).status).toBe(0)
    test.sandbox.requests.length = 0
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each(['', ' '])('replaces the client ID %j, which names nothing', async empty => {
    addOwned('helm', { [clientId]: empty })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(annotations()[clientId]).toMatch(/^[-0-9a-f]{36}$/)
  })
})

describe('create for a service account that somebody else connected', () => {
  const owned =
    (manager: string, operation: Entry['operation'], key = clientId) =>
    () =>
      void addOwned(manager, { [key]: theirs }, {}, operation)

  it.each<[string, string, () => void]>([
    ['Helm', 'set by helm', owned('helm', 'Update')],
    ['Argo CD', 'set by argocd-controller', owned('argocd-controller', 'Apply')],
    ['Flux', 'set by kustomize-controller', owned('kustomize-controller', 'Apply')],
    ['a person', 'set by kubectl-edit', owned('kubectl-edit', 'Update')],
    ['somebody who chose the tenant', 'set by kubectl-annotate', owned('kubectl-annotate', 'Update', tenantId)],
    [
      'nobody knows who',
      'set by an unknown field manager',
      () => void addServiceAccount(test.sandbox.state, 'app', { annotations: { [clientId]: theirs } })
    ],
    ['somebody before the first apply', 'set by an unknown field manager', owned('before-first-apply', 'Update')],
    [
      'azwi and Helm',
      'set by helm',
      () => {
        const { metadata } = addOwned('helm', { [clientId]: theirs }, { 'app.kubernetes.io/managed-by': 'azwi' })
        metadata.managedFields.push(entryOf('azwi', 'Apply', [clientId]))
      }
    ]
  ])('writes nothing if it was %s', async (_, reason, arrange) => {
    arrange()
    const before = everythingIn(test.sandbox.state)
    for (const words of [[], ['--dry-run'], ['--aad-application-name', 'new']]) {
      const { status, stderr } = await create(...words)
      expect(status).toBe(1)
      expect(stderr).toContain(reason)
      expect(stderr).toContain('--adopt')
      expect(everythingIn(test.sandbox.state)).toEqual(before)
    }
    const adopted = await create('--adopt')
    expect(adopted.status, adopted.stderr).toBe(0)
    expect(annotations()[clientId]).not.toBe(theirs)
  })

  it.each<[string, () => void]>([
    [
      'bears the label of azwi and has no managed fields',
      () =>
        void addServiceAccount(test.sandbox.state, 'app', {
          annotations: { [clientId]: theirs },
          labels: { 'app.kubernetes.io/managed-by': 'azwi' }
        })
    ],
    ['is of the Go azwi', owned('azwi-linux-amd64', 'Update')],
    ['is of azwi', owned('azwi', 'Apply')]
  ])('connects it if it %s', async (_, arrange) => {
    arrange()
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(annotations()[clientId]).not.toBe(theirs)
  })

  it('says with --adopt whose value it replaces, and delete keeps the rest', async () => {
    addOwned('helm', { [clientId]: theirs, note: 'x' }, { team: 'blue' })
    const adopted = await create('--adopt')
    expect(messages(adopted.stderr)).toContain(
      `azwi replaces the annotation ${clientId} of the service account default/app, set by helm, which might write it again`
    )
    expect(account().metadata.labels).toEqual({ team: 'blue' })
    const removed = await test.run('sa', 'delete', '--service-account-name', 'app')
    expect(removed.status, removed.stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
    expect(annotations()).toEqual({ note: 'x' })
    expect(account().metadata.labels).toEqual({ team: 'blue' })
  })
})

describe('somebody who changes the service account between the plan and the write', () => {
  it('is named, and keeps the value', async () => {
    addOwned('helm', { note: 'x' })
    beforeTheWrite(() => {
      writeAs('argocd-controller', clientId, theirs)
    })
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toContain('set by argocd-controller')
    expect(annotations()).toEqual({ note: 'x', [clientId]: theirs })
  })

  it('keeps the value also if azwi replaces another one by force', async () => {
    addOwned('helm', { [expiration]: '7200' })
    beforeTheWrite(() => {
      writeAs('argocd-controller', clientId, theirs)
    })
    const { status, stderr } = await create('--service-account-token-expiration', '3h')
    expect(status).toBe(1)
    expect(stderr).toContain('set by argocd-controller')
    expect(annotations()).toEqual({ [expiration]: '7200', [clientId]: theirs })
  })

  it('does not stop azwi if the change is about something else', async () => {
    addOwned('helm', { [expiration]: '7200' })
    beforeTheWrite(() => {
      writeAs('kubectl-annotate', 'note', 'x')
    })
    const { status, stderr } = await create('--service-account-token-expiration', '3h')
    expect(status, stderr).toBe(0)
    expect(annotations()).toMatchObject({ note: 'x', [expiration]: '10800' })
  })

  it('is told apart from a twin of azwi, which writes the same', async () => {
    const outcomes = await Promise.all([create(), create()])
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0])
    expect(managersOf(clientId)).toEqual(['azwi'])
  })
})

describe('a hint that somebody else wrote', () => {
  it('does not lead the printed line to an identity of theirs', async () => {
    const victim = addManagedIdentity(test.sandbox.state, 'victim')
    await create()
    annotations()['azwi/managed-identity'] = victim.id
    const { status, stderr } = await create('--aad-application-name', 'second')
    expect(status, stderr).toBe(0)
    expect(stderr).not.toContain(victim.id)
    expect(stderr).toContain('--aad-application-object-id')
  })
})
