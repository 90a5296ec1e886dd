import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connections/model.js'
import { podsOf } from '../../sandbox/test/workload.js'
import { evidenceOf, withAccount, withCluster } from './sandbox-evidence.js'
import { clientId, problemsIn, validTemplate, usePodSetup } from './pod-setup.js'

const world = usePodSetup()
const restart = 'kubectl rollout restart deployment/app --namespace default'
const otherId = '99999999-2222-3333-4444-555555555555'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const tokenFile = '/var/run/secrets/azure/tokens/azure-identity-token'
const only = () => {
  const [finding, ...more] = problemsIn(world.check())
  expect(more).toEqual([])
  return finding
}
const containers = () =>
  podsOf(world.sandbox).flatMap(
    ({ spec }) => (spec as { containers: { env: { name: string }[]; volumeMounts: object[] }[] }).containers
  )
const outcomes = () => world.check().map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the environment', () => {
  const env = (name: string, value: string, of = 'containers') =>
    validTemplate(
      {},
      { containers: [{ name: 'other', image: 'x' }], [of]: [{ name: 'main', image: 'x', env: [{ name, value }] }] }
    )
  /** The line that takes a variable of its own from the container. */
  const withoutOwn = (kind: string, variable: string, of: string, before = '', after = '') =>
    `kubectl patch ${kind} app --namespace default --type strategic --patch ` +
    `'{"spec":${before}{"template":{"spec":{"${of}":[{"name":"main","env":[{"name":"${variable}","$patch":"delete"}]}]}}}${after}}'`
  const tenant = (identity: object | null) =>
    withAccount(evidenceOf(world.sandbox), { tenantId: otherId, connection: { identity } as Connection })

  it.each<[string, string, string]>([
    ['AZURE_CLIENT_ID', otherId, clientId],
    ['AZURE_CLIENT_ID', '', clientId],
    ['AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/tokens/token', tokenFile],
    ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us/', 'AUTHORITY']
  ])('has a %s of its own, %j', async (name, value, expected) => {
    await world.createWorkload('Deployment', env(name, value))
    expect(only()).toMatchObject({
      check: 'pod-environment',
      outcome: 'fail',
      found: value,
      expected: expected.replace('AUTHORITY', world.sandbox.state.endpoints.entra),
      message: `its template sets ${name} in the container main to another value, which the webhook keeps`,
      fix: [withoutOwn('deployment', name, 'containers')]
    })
  })

  it('has one of its own in an init container of a cron job', async () => {
    await world.createCronJob(env('AZURE_CLIENT_ID', otherId, 'initContainers'))
    expect(only()?.fix).toEqual([
      withoutOwn('cronjob', 'AZURE_CLIENT_ID', 'initContainers', '{"jobTemplate":{"spec":', '}}')
    ])
  })

  it('has the right value of its own, or one that cannot be seen', async () => {
    await world.createWorkload('Deployment', env('AZURE_CLIENT_ID', clientId))
    const unseen = { name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }
    await world.createWorkload(
      'StatefulSet',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', env: [unseen] }] })
    )
    expect(problemsIn(world.check())).toEqual([])
  })

  it.each(['AZURE_AUTHORITY_HOST', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_TENANT_ID'])('lacks %s', async name => {
    await world.createWorkload()
    for (const container of containers()) container.env = container.env.filter(each => each.name !== name)
    const tenantLine =
      "kubectl annotate serviceaccount app --namespace default --overwrite 'azure.workload.identity/tenant-id=<tenant id>'"
    expect(only()).toMatchObject({
      check: 'pod-environment',
      found: 'nothing',
      message: `${name} is missing in the container main`,
      fix: name === 'AZURE_TENANT_ID' ? [tenantLine, restart] : [restart]
    })
  })

  it("has the webhook's tenant, which is not the identity's", async () => {
    await world.createWorkload()
    const found = world.check(() => tenant({ kind: 'application' }))
    expect(problemsIn(found)).toMatchObject([
      {
        check: 'pod-environment',
        found: world.sandbox.state.tenantId,
        expected: otherId,
        fix: [
          `kubectl annotate serviceaccount app --namespace default --overwrite azure.workload.identity/tenant-id=${otherId}`,
          restart
        ]
      }
    ])
    expect(problemsIn(world.check(() => tenant(null)))).toEqual([])
  })

  it("has the webhook's cloud, which is another", async () => {
    await world.createWorkload()
    expect(
      problemsIn(world.check(of => withCluster(of, { authorityHost: 'https://login.chinacloudapi.cn' })))
    ).toMatchObject([
      {
        check: 'pod-environment',
        expected: 'https://login.chinacloudapi.cn',
        fix: [restart],
        details: [expect.stringContaining('azure-wi-webhook-config')]
      }
    ])
  })

  it.each<[object, string]>([
    [
      { args: ['--token-file=/var/run/secrets/azure/wi/token/azure-identity-token'] },
      '/var/run/secrets/azure/wi/token/azure-identity-token'
    ],
    [
      { command: ['x', '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token'] },
      '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token'
    ],
    [
      { env: [{ name: 'TOKEN', value: '/var/run/secrets/tokens/azure-identity-token' }] },
      '/var/run/secrets/tokens/azure-identity-token'
    ]
  ])('reads the file of another version of the webhook: %j', async (container, found) => {
    await world.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', ...container }] })
    )
    expect(only()).toMatchObject({ check: 'pod-environment', outcome: 'warn', found, expected: tokenFile })
  })

  it('reads the file of this version of the webhook', async () => {
    await world.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', args: [`--token-file=${tokenFile}`] }] })
    )
    expect(problemsIn(world.check())).toEqual([])
  })

  it('is that of a later webhook, which has other names and paths', async () => {
    await world.createWorkload()
    const [pod] = podsOf(world.sandbox)
    const text = JSON.stringify(pod!.spec)
      .replaceAll('"name":"azure-identity-token"', '"name":"azure-workload-identity-reserved-0a1b"')
      .replaceAll('"path":"azure-identity-token"', '"path":"token/azure-identity-token"')
      .replaceAll(tokenFile, '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token')
      .replaceAll('/var/run/secrets/azure/tokens', '/var/run/secrets/azure/wi/0a1b')
    pod!.spec = JSON.parse(text) as never
    expect(text).toContain('/wi/0a1b"')
    expect(problemsIn(world.check())).toEqual([])
  })
})

describe('the token', () => {
  const volume = (audience: string) => ({
    name: 'azure-identity-token',
    projected: { sources: [{ serviceAccountToken: { path: 'azure-identity-token', audience } }] }
  })

  it('is for somebody else, in a volume of the template', async () => {
    await world.createWorkload('Deployment', validTemplate({}, { volumes: [volume('vault')] }))
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'fail',
      found: 'vault',
      expected: 'api://AzureADTokenExchange'
    })
    expect(JSON.parse(/--type strategic --patch '(.*)'$/.exec(only()!.fix![0]!)![1]!)).toMatchObject({
      spec: { template: { spec: { volumes: [volume('api://AzureADTokenExchange')] } } }
    })
  })

  it('is for another cloud, from the webhook', async () => {
    await world.createWorkload()
    const of = withAccount(evidenceOf(world.sandbox), { audience: 'api://AzureADTokenExchangeChina' })
    expect(problemsIn(world.check(() => of))).toMatchObject([
      {
        check: 'pod-token-volume',
        found: 'api://AzureADTokenExchange',
        expected: 'api://AzureADTokenExchangeChina',
        fix: [restart],
        details: [expect.stringContaining('--audience')]
      }
    ])
  })

  it('is for an endpoint of its own', async () => {
    const env = [{ name: 'AZURE_KUBERNETES_TOKEN_PROXY', value: 'https://x' }]
    await world.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', env }], volumes: [volume('other')] })
    )
    expect(problemsIn(world.check())).toEqual([])
  })

  it('is not mounted', async () => {
    await world.createWorkload()
    for (const container of containers()) container.volumeMounts = []
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'fail',
      message: 'the token is not mounted in main',
      fix: [restart]
    })
  })

  it('lives as long as was asked for before', async () => {
    await world.createWorkload()
    await world.patchAccount({ annotations: { [expiration]: '7200' } })
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'warn',
      found: '3600',
      expected: '7200',
      fix: [restart]
    })
  })

  it('lives as long as the pod or the account asks', async () => {
    await world.patchAccount({ annotations: { [expiration]: '7200' } })
    await world.createWorkload('Deployment', validTemplate({ annotations: { [expiration]: '4000' } }))
    await world.createWorkload('StatefulSet')
    expect(problemsIn(world.check())).toEqual([])
  })

  it("lives as long as a volume of the template's own has it", async () => {
    const own = { path: 'azure-identity-token', audience: 'api://AzureADTokenExchange', expirationSeconds: 7200 }
    await world.createWorkload(
      'Deployment',
      validTemplate(
        {},
        { volumes: [{ name: 'azure-identity-token', projected: { sources: [{ serviceAccountToken: own }] } }] }
      )
    )
    expect(problemsIn(world.check())).toEqual([])
  })

  it.each(['60', '86401', '1h'])('is asked to live %s', async asked => {
    await world.createWorkload('Deployment', validTemplate({ annotations: { [expiration]: asked } }))
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'fail',
      found: asked,
      expected: '3600 to 86400',
      fix: [
        `kubectl patch deployment app --namespace default --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"${expiration}":null}}}}}'`
      ]
    })
  })
})

describe('containers that are skipped', () => {
  const skip = 'azure.workload.identity/skip-containers'
  const two = {
    containers: [
      { name: 'main', image: 'x' },
      { name: 'side', image: 'x' }
    ]
  }
  const without = `kubectl patch deployment app --namespace default --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"${skip}":null}}}}}'`

  it.each<[string, 'warn' | 'fail', string]>([
    ['side', 'warn', 'the annotation keeps side from the webhook: no token there'],
    ['main; side', 'fail', 'the annotation keeps all its containers from the webhook: none has a token'],
    [
      'side;sid',
      'warn',
      'the annotation keeps side from the webhook: no token there; the annotation names sid, but its containers are main, side'
    ],
    ['sid', 'warn', 'the annotation names sid, but its containers are main, side'],
    [
      'main,side',
      'warn',
      'the annotation names main,side, but its containers are main, side (names are put apart by semicolons)'
    ]
  ])('%s', async (value, outcome, message) => {
    await world.createWorkload('Deployment', validTemplate({ annotations: { [skip]: value } }, two))
    expect(only()).toMatchObject({
      check: 'pod-containers',
      outcome,
      message,
      found: `${skip}: ${JSON.stringify(value)}`,
      fix: [without]
    })
  })

  it('are all: there is no environment to look at', async () => {
    await world.createWorkload('Deployment', validTemplate({ annotations: { [skip]: 'main' } }))
    expect(outcomes()).toContain('pod-environment: skipped')
  })
})
