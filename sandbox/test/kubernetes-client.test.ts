import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApiException, CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'

let sandbox: Sandbox
let directory: string
let api: CoreV1Api
beforeAll(async () => {
  sandbox = await startSandbox()
  directory = await mkdtemp(join(tmpdir(), 'azwi-client-'))
  const config = new KubeConfig()
  config.loadFromFile((await sandbox.environment(directory)).KUBECONFIG ?? '')
  api = config.makeApiClient(CoreV1Api)
})
afterAll(async () => {
  await sandbox.close()
  await rm(directory, { recursive: true })
})

describe('@kubernetes/client-node', () => {
  it('applies, reads, lists and deletes', async () => {
    const applied = await api.patchNamespacedServiceAccount(
      {
        name: 'app',
        namespace: 'default',
        fieldManager: 'azwi',
        force: true,
        body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { annotations: { a: 'b' } } }
      },
      setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)
    )
    expect(applied.metadata).toMatchObject({
      name: 'app',
      annotations: { a: 'b' },
      managedFields: [{ manager: 'azwi', operation: 'Apply' }]
    })
    const { items } = await api.listNamespacedServiceAccount({ namespace: 'default' })
    expect(items.map(item => item.metadata?.name)).toEqual(['app', 'default'])
    const { resourceVersion = '' } =
      (await api.readNamespacedServiceAccount({ name: 'app', namespace: 'default' })).metadata ?? {}
    const deleted = await api.deleteNamespacedServiceAccount({
      name: 'app',
      namespace: 'default',
      body: { preconditions: { resourceVersion } }
    })
    expect(deleted.metadata?.name).toBe('app')
  })

  it('gets a token, and an error that it can parse', async () => {
    const token = await api.createNamespacedServiceAccountToken({
      name: 'default',
      namespace: 'default',
      body: { spec: { audiences: ['x'] } }
    })
    expect(token.status?.token).toMatch(/^ey/)
    const failure = await api
      .readNamespacedServiceAccount({ name: 'nobody', namespace: 'default' })
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApiException)
    expect(failure).toMatchObject({ code: 404 })
  })
})
