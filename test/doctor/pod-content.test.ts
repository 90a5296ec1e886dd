import { describe, expect, it } from 'vitest'
import { remadeOf } from '../../src/doctor/checks/pod-fix.js'
import type { Connection } from '../../src/phases/connection.js'
import { removeWorkloadIdentityWebhook } from '../../src/sandbox/kubernetes/workloads/workload-identity-webhook.js'
import { podNames, podsOf } from '../sandbox/workload.js'
import { caseOf, withAccount, withCluster } from './case.js'
import { clientId, clientIdAnnotation, faults, good, stripPods, usePodWorld } from './pod-world.js'

const world = usePodWorld()
const restart = 'kubectl rollout restart deployment/app --namespace default'
const otherId = '99999999-2222-3333-4444-555555555555'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const tokenFile = '/var/run/secrets/azure/tokens/azure-identity-token'
const only = () => {
  const [finding, ...more] = faults(world.check())
  expect(more).toEqual([])
  return finding
}
const outcomes = () => world.check().map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the age', () => {
  it.each([[1, '1 of 2 pods has'], [2, 'all 2 pods have']])('%i of 2 pods have nothing from the webhook', async (count, some) => {
    await world.make('Deployment', good(), { replicas: 2 })
    stripPods(world.sandbox, count)
    expect(only()).toMatchObject({ check: 'pod-age', outcome: 'fail', of: 'deployment/app', message: expect.stringContaining(some) as string, fix: [restart] })
  })

  it('is that before the label came to the template of a paused deployment', async () => {
    await world.make('Deployment', good({ labels: { app: 'app' } }))
    await world.patchDeployment({ spec: { paused: true, template: good() } })
    expect(only()).toMatchObject({ check: 'pod-age', fix: ['kubectl rollout resume deployment/app --namespace default', restart] })
  })

  it.each<[string, object, string, string, string]>([
    ['another client id', { [clientIdAnnotation]: otherId }, clientId, otherId, 'client id'],
    ['a tenant id', { 'azure.workload.identity/tenant-id': otherId }, 'TENANT', otherId, 'tenant id']
  ])('is that before the account had %s', async (_what, annotations, found, expected, what) => {
    await world.make('Deployment', good(), { replicas: 2 })
    await world.patchAccount({ annotations })
    expect(only()).toMatchObject({
      check: 'pod-age', message: `all 2 pods were made before the service account had this ${what}`, found: found.replace('TENANT', world.sandbox.world.tenantId), expected, fix: [restart]
    })
  })

  it('is that before the account had a client id at all', async () => {
    await world.patchAccount({ annotations: { [clientIdAnnotation]: null } })
    await world.make('StatefulSet', good(), { updateStrategy: { type: 'OnDelete' } })
    expect(faults(world.check())).toEqual([])
    await world.patchAccount({ annotations: { [clientIdAnnotation]: clientId } })
    expect(only()).toMatchObject({ check: 'pod-age', found: 'no AZURE_CLIENT_ID', expected: clientId, fix: ['kubectl delete pod app-0 --namespace default'] })
  })

  it('of a pod that stands alone is mended by no line', async () => {
    await world.makePod()
    await world.patchAccount({ annotations: { [clientIdAnnotation]: otherId } })
    expect(only()).toMatchObject({ check: 'pod-age', of: 'pod/app', details: [expect.stringContaining('delete it and create it again')] })
    expect(only()).not.toHaveProperty('fix')
  })

  it('does not matter for letter case', async () => {
    await world.patchAccount({ annotations: { [clientIdAnnotation]: 'ABCDEF00-2222-3333-4444-555555555555' } })
    await world.make()
    await world.patchAccount({ annotations: { [clientIdAnnotation]: 'abcdef00-2222-3333-4444-555555555555' } })
    expect(faults(world.check())).toEqual([])
  })

  it('is not told where the webhook is what is wrong', async () => {
    await world.make()
    stripPods(world.sandbox)
    const expected = ['pod-service-account: ok', 'pod-label: ok', 'pod-age: skipped', 'pod-environment: skipped', 'pod-token-volume: skipped', 'pod-containers: ok']
    removeWorkloadIdentityWebhook(world.sandbox.world)
    expect(outcomes()).toEqual(expected)
    expect(world.check()[2]?.message).toBe('because the webhook is not there')
    const aks = { value: { name: 'shop', resourceGroup: 'shop', issuer: 'https://issuer', workloadIdentity: false } }
    expect(world.check(of => withCluster(of, { aks }))[2]?.message).toContain('workload identity is off')
  })

  it('is not told where the webhook does not answer, leaves out the namespace, or refuses the account\'s pods', async () => {
    await world.make()
    await world.webhookReplicas(0)
    await world.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    expect(world.check()[2]).toMatchObject({ outcome: 'ok' })
    stripPods(world.sandbox)
    expect(world.check()[2]).toMatchObject({ outcome: 'skipped', message: 'because no endpoint of the webhook is ready' })
    await world.webhookReplicas(2)
    stripPods(world.sandbox)
    expect(world.check(of => withCluster(of, { namespaces: { value: new Map([['default', { 'control-plane': 'true' }]]) } }))[2])
      .toMatchObject({ outcome: 'skipped', message: 'because the webhook leaves out the namespace default' })
    await world.patchAccount({ annotations: { [expiration]: '60' } })
    expect(world.check()[2]).toMatchObject({ outcome: 'skipped', message: expect.stringContaining('token expiration') as string })
  })

  it('is told with what the API server answered, where new pods are refused', async () => {
    await world.make()
    await world.webhookReplicas(0)
    await world.patchDeployment({ spec: { template: { metadata: { annotations: { again: 'yes' } } } } })
    const endpoints = (of: ReturnType<typeof caseOf>) => {
      if ('value' in of.cluster.webhook) Object.assign(of.cluster.webhook.value!, { readyEndpoints: undefined })
      return of
    }
    expect(faults(world.check(endpoints))).toMatchObject([{
      check: 'pod-age', message: 'the webhook refuses its new pods; an old one is left', found: expect.stringContaining('no endpoints available') as string, fix: [restart]
    }])
  })
})

describe('the environment', () => {
  const env = (name: string, value: string, of = 'containers') => good({}, { [of]: [{ name: 'main', image: 'nginx', env: [{ name, value }] }], ...(of === 'containers' ? {} : { containers: [{ name: 'other', image: 'x' }] }) })
  const tenant = (identity: object | null) => withAccount(caseOf(world.sandbox), { tenantId: otherId, connection: { identity } as Connection })

  it.each<[string, string, string]>([
    ['AZURE_CLIENT_ID', otherId, clientId], ['AZURE_CLIENT_ID', '', clientId], ['AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/tokens/token', tokenFile],
    ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us/', 'AUTHORITY']
  ])('has a %s of its own, %j', async (name, value, expected) => {
    await world.make('Deployment', env(name, value))
    expect(only()).toMatchObject({
      check: 'pod-environment', outcome: 'fail', found: value, expected: expected.replace('AUTHORITY', world.sandbox.world.endpoints.entra),
      message: `its template sets ${name} in the container main to another value, which the webhook keeps`,
      fix: [`kubectl patch deployment app --namespace default --type strategic --patch '{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"${name}","$patch":"delete"}]}]}}}}'`]
    })
  })

  it('has one of its own in an init container of a cron job', async () => {
    await world.makeCronJob(env('AZURE_CLIENT_ID', otherId, 'initContainers'))
    expect(only()?.fix).toEqual([
      `kubectl patch cronjob app --namespace default --type strategic --patch '{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"initContainers":[{"name":"main","env":[{"name":"AZURE_CLIENT_ID","$patch":"delete"}]}]}}}}}}'`
    ])
  })

  it('has the right value of its own, or one that cannot be seen', async () => {
    await world.make('Deployment', env('AZURE_CLIENT_ID', clientId))
    await world.make('StatefulSet', good({}, { containers: [{ name: 'main', image: 'x', env: [{ name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] }] }))
    expect(faults(world.check())).toEqual([])
  })

  it.each(['AZURE_AUTHORITY_HOST', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_TENANT_ID'])('lacks %s', async name => {
    await world.make()
    for (const pod of podsOf(world.sandbox)) for (const container of (pod.spec as { containers: { env: { name: string }[] }[] }).containers) container.env = container.env.filter(each => each.name !== name)
    const tenantLine = 'kubectl annotate serviceaccount app --namespace default --overwrite \'azure.workload.identity/tenant-id=<tenant id>\''
    expect(only()).toMatchObject({
      check: 'pod-environment', found: 'nothing', message: `${name} is missing in the container main`, fix: name === 'AZURE_TENANT_ID' ? [tenantLine, restart] : [restart]
    })
  })

  it('has the webhook\'s tenant, which is not the identity\'s', async () => {
    await world.make()
    const found = world.check(() => tenant({ kind: 'application' }))
    expect(faults(found)).toMatchObject([{
      check: 'pod-environment', found: world.sandbox.world.tenantId, expected: otherId,
      fix: [`kubectl annotate serviceaccount app --namespace default --overwrite azure.workload.identity/tenant-id=${otherId}`, restart]
    }])
    expect(faults(world.check(() => tenant(null)))).toEqual([])
  })

  it('has the webhook\'s cloud, which is another', async () => {
    await world.make()
    expect(faults(world.check(of => withCluster(of, { authorityHost: 'https://login.chinacloudapi.cn' })))).toMatchObject([{
      check: 'pod-environment', expected: 'https://login.chinacloudapi.cn', fix: [restart], details: [expect.stringContaining('azure-wi-webhook-config')]
    }])
  })

  it.each<[object, string]>([
    [{ args: ['--token-file=/var/run/secrets/azure/wi/token/azure-identity-token'] }, '/var/run/secrets/azure/wi/token/azure-identity-token'],
    [{ command: ['x', '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token'] }, '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token'],
    [{ env: [{ name: 'TOKEN', value: '/var/run/secrets/tokens/azure-identity-token' }] }, '/var/run/secrets/tokens/azure-identity-token']
  ])('reads the file of another version of the webhook: %j', async (container, found) => {
    await world.make('Deployment', good({}, { containers: [{ name: 'main', image: 'x', ...container }] }))
    expect(only()).toMatchObject({ check: 'pod-environment', outcome: 'warn', found, expected: tokenFile })
  })

  it('reads the file of this version of the webhook', async () => {
    await world.make('Deployment', good({}, { containers: [{ name: 'main', image: 'x', args: [`--token-file=${tokenFile}`] }] }))
    expect(faults(world.check())).toEqual([])
  })

  it('is that of a later webhook, which has other names and paths', async () => {
    await world.make()
    const [pod] = podsOf(world.sandbox)
    const text = JSON.stringify(pod!.spec).replaceAll('"name":"azure-identity-token"', '"name":"azure-workload-identity-reserved-0a1b"')
      .replaceAll('"path":"azure-identity-token"', '"path":"token/azure-identity-token"').replaceAll(tokenFile, '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token')
      .replaceAll('/var/run/secrets/azure/tokens', '/var/run/secrets/azure/wi/0a1b')
    pod!.spec = JSON.parse(text) as never
    expect(text).toContain('/wi/0a1b"')
    expect(faults(world.check())).toEqual([])
  })
})

describe('the token', () => {
  const volume = (audience: string) => ({ name: 'azure-identity-token', projected: { sources: [{ serviceAccountToken: { path: 'azure-identity-token', audience } }] } })

  it('is for somebody else, in a volume of the template', async () => {
    await world.make('Deployment', good({}, { volumes: [volume('vault')] }))
    const patch = '{"spec":{"template":{"spec":{"volumes":[{"name":"azure-identity-token","projected":{"sources":[{"serviceAccountToken":{"path":"azure-identity-token","audience":"api://AzureADTokenExchange"}}]}}]}}}}'
    expect(only()).toMatchObject({ check: 'pod-token-volume', outcome: 'fail', found: 'vault', expected: 'api://AzureADTokenExchange' })
    expect(JSON.parse(/'(.*)'$/.exec(only()!.fix![0]!)![1]!)).toMatchObject(JSON.parse(patch) as object)
  })

  it('is for another cloud, from the webhook', async () => {
    await world.make()
    const of = withAccount(caseOf(world.sandbox), { audience: 'api://AzureADTokenExchangeChina' })
    expect(faults(world.check(() => of))).toMatchObject([{
      check: 'pod-token-volume', found: 'api://AzureADTokenExchange', expected: 'api://AzureADTokenExchangeChina', fix: [restart], details: [expect.stringContaining('--audience')]
    }])
  })

  it('is for an endpoint of its own', async () => {
    await world.make('Deployment', good({}, { containers: [{ name: 'main', image: 'x', env: [{ name: 'AZURE_KUBERNETES_TOKEN_PROXY', value: 'https://x' }] }], volumes: [volume('other')] }))
    expect(faults(world.check())).toEqual([])
  })

  it('is not mounted', async () => {
    await world.make()
    for (const pod of podsOf(world.sandbox)) (pod.spec as { containers: object[] }).containers.forEach(container => Object.assign(container, { volumeMounts: [] }))
    expect(only()).toMatchObject({ check: 'pod-token-volume', outcome: 'fail', message: 'the token is not mounted in main', fix: [restart] })
  })

  it('lives as long as was asked for before', async () => {
    await world.make()
    await world.patchAccount({ annotations: { [expiration]: '7200' } })
    expect(only()).toMatchObject({ check: 'pod-token-volume', outcome: 'warn', found: '3600', expected: '7200', fix: [restart] })
  })

  it('lives as long as the pod or the account asks', async () => {
    await world.patchAccount({ annotations: { [expiration]: '7200' } })
    await world.make('Deployment', good({ annotations: { [expiration]: '4000' } }))
    await world.make('StatefulSet')
    expect(faults(world.check())).toEqual([])
  })

  it.each(['60', '86401', '1h'])('is asked to live %s', async asked => {
    await world.make('Deployment', good({ annotations: { [expiration]: asked } }))
    expect(only()).toMatchObject({
      check: 'pod-token-volume', outcome: 'fail', found: asked, expected: '3600 to 86400',
      fix: [`kubectl patch deployment app --namespace default --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"${expiration}":null}}}}}'`]
    })
  })
})

describe('containers that are skipped', () => {
  const skip = 'azure.workload.identity/skip-containers'
  const two = { containers: [{ name: 'main', image: 'x' }, { name: 'side', image: 'x' }] }
  const annotate = (value: string | null) => `kubectl patch deployment app --namespace default --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"${skip}":${JSON.stringify(value)}}}}}}'`

  it.each<[string, 'warn' | 'fail', string, string | null]>([
    ['side', 'warn', 'the annotation keeps side from the webhook: no token there', null],
    ['main; side', 'fail', 'the annotation keeps all its containers from the webhook: none has a token', null],
    ['side;sid', 'warn', 'the annotation names sid, but its containers are main, side', 'side'],
    ['sid', 'warn', 'the annotation names sid, but its containers are main, side', null],
    ['main,side', 'warn', 'the annotation names main,side, but its containers are main, side; names are put apart by semicolons', null]
  ])('%s', async (value, outcome, message, mended) => {
    await world.make('Deployment', good({ annotations: { [skip]: value } }, two))
    expect(only()).toMatchObject({ check: 'pod-containers', outcome, message, found: `${skip}: ${JSON.stringify(value)}`, fix: [annotate(mended)] })
  })

  it('are all: there is no environment to look at', async () => {
    await world.make('Deployment', good({ annotations: { [skip]: 'main' } }))
    expect(outcomes()).toContain('pod-environment: skipped')
  })
})

describe('the lines that make all pods anew', () => {
  it('are of each workload with pods', async () => {
    await world.make()
    await world.make('StatefulSet', good(), { updateStrategy: { type: 'OnDelete' } })
    await world.makeCronJob()
    await world.makePod({ name: 'alone' })
    await world.makeJob()
    const job = podNames(world.sandbox).at(-1)!
    expect(remadeOf(caseOf(world.sandbox)).sort()).toEqual(['kubectl delete pod app-0 --namespace default', `kubectl delete pod ${job} --namespace default`, restart].sort())
  })
})
