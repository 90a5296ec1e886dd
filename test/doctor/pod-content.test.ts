import { describe, expect, it } from 'vitest'
import type { Connection } from '../../src/connections/model.js'
import { podsOf } from '../../sandbox/test/workload.js'
import { evidenceOf, withAccount, withCluster } from './sandbox-evidence.js'
import { clientId, problemsIn, validTemplate, usePodSetup } from './pod-setup.js'

const setup = usePodSetup()
const restart = 'kubectl rollout restart deployment/app --namespace default'
const otherId = '99999999-2222-3333-4444-555555555555'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const tokenFile = '/var/run/secrets/azure/tokens/azure-identity-token'
const only = () => {
  const [finding, ...more] = problemsIn(setup.check())
  expect(more).toEqual([])
  return finding
}
const containers = () =>
  podsOf(setup.sandbox).flatMap(
    ({ spec }) => (spec as { containers: { env: { name: string }[]; volumeMounts: object[] }[] }).containers
  )
const outcomes = () => setup.check().map(({ check, outcome }) => `${check}: ${outcome}`)

describe('the check pod-environment', () => {
  const env = (name: string, value: string, of = 'containers') =>
    validTemplate(
      {},
      { containers: [{ name: 'other', image: 'x' }], [of]: [{ name: 'main', image: 'x', env: [{ name, value }] }] }
    )
  /** The line that deletes a variable from the container. */
  const withoutOwn = (kind: string, variable: string, of: string, before = '', after = '') =>
    `kubectl patch ${kind} app --namespace default --type strategic --patch ` +
    `'{"spec":${before}{"template":{"spec":{"${of}":[{"name":"main","env":[{"name":"${variable}","$patch":"delete"}]}]}}}${after}}'`
  const tenant = (identity: object | null) =>
    withAccount(evidenceOf(setup.sandbox), { tenantId: otherId, connection: { identity } as Connection })

  it.each<[string, string, string]>([
    ['AZURE_CLIENT_ID', otherId, clientId],
    ['AZURE_CLIENT_ID', '', clientId],
    ['AZURE_FEDERATED_TOKEN_FILE', '/var/run/secrets/tokens/token', tokenFile],
    ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us/', 'AUTHORITY']
  ])('fails if the template sets %s to %j', async (name, value, expected) => {
    await setup.createWorkload('Deployment', env(name, value))
    expect(only()).toMatchObject({
      check: 'pod-environment',
      outcome: 'fail',
      found: value,
      expected: expected.replace('AUTHORITY', setup.sandbox.state.endpoints.entra),
      message: `its template sets ${name} in the container main to another value, which the webhook keeps`,
      fix: [withoutOwn('deployment', name, 'containers')]
    })
  })

  it('fixes an init container of a cron job', async () => {
    await setup.createCronJob(env('AZURE_CLIENT_ID', otherId, 'initContainers'))
    expect(only()?.fix).toEqual([
      withoutOwn('cronjob', 'AZURE_CLIENT_ID', 'initContainers', '{"jobTemplate":{"spec":', '}}')
    ])
  })

  it('accepts the right value, and a value from a reference', async () => {
    await setup.createWorkload('Deployment', env('AZURE_CLIENT_ID', clientId))
    const unseen = { name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }
    await setup.createWorkload(
      'StatefulSet',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', env: [unseen] }] })
    )
    expect(problemsIn(setup.check())).toEqual([])
  })

  it.each(['AZURE_AUTHORITY_HOST', 'AZURE_FEDERATED_TOKEN_FILE', 'AZURE_TENANT_ID'])('fails without %s', async name => {
    await setup.createWorkload()
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

  it("fails if the webhook's tenant is not the identity's", async () => {
    await setup.createWorkload()
    const found = setup.check(() => tenant({ kind: 'application' }))
    expect(problemsIn(found)).toMatchObject([
      {
        check: 'pod-environment',
        found: setup.sandbox.state.tenantId,
        expected: otherId,
        fix: [
          `kubectl annotate serviceaccount app --namespace default --overwrite azure.workload.identity/tenant-id=${otherId}`,
          restart
        ]
      }
    ])
    expect(problemsIn(setup.check(() => tenant(null)))).toEqual([])
  })

  it('fails if the webhook is for another cloud', async () => {
    await setup.createWorkload()
    expect(
      problemsIn(setup.check(of => withCluster(of, { authorityHost: 'https://login.chinacloudapi.cn' })))
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
  ])('warns of a token file of another webhook version: %j', async (container, found) => {
    await setup.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', ...container }] })
    )
    expect(only()).toMatchObject({ check: 'pod-environment', outcome: 'warn', found, expected: tokenFile })
  })

  it('accepts the token file of this webhook version', async () => {
    await setup.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', args: [`--token-file=${tokenFile}`] }] })
    )
    expect(problemsIn(setup.check())).toEqual([])
  })

  it('accepts the names and paths of later webhook versions', async () => {
    await setup.createWorkload()
    const [pod] = podsOf(setup.sandbox)
    const text = JSON.stringify(pod!.spec)
      .replaceAll('"name":"azure-identity-token"', '"name":"azure-workload-identity-reserved-0a1b"')
      .replaceAll('"path":"azure-identity-token"', '"path":"token/azure-identity-token"')
      .replaceAll(tokenFile, '/var/run/secrets/azure/wi/0a1b/token/azure-identity-token')
      .replaceAll('/var/run/secrets/azure/tokens', '/var/run/secrets/azure/wi/0a1b')
    pod!.spec = JSON.parse(text) as never
    expect(text).toContain('/wi/0a1b"')
    expect(problemsIn(setup.check())).toEqual([])
  })
})

describe('the check pod-token-volume', () => {
  const volume = (audience: string) => ({
    name: 'azure-identity-token',
    projected: { sources: [{ serviceAccountToken: { path: 'azure-identity-token', audience } }] }
  })

  it('fails for a volume of the template with another audience', async () => {
    await setup.createWorkload('Deployment', validTemplate({}, { volumes: [volume('vault')] }))
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

  it('fails if the webhook uses the audience of another cloud', async () => {
    await setup.createWorkload()
    const of = withAccount(evidenceOf(setup.sandbox), { audience: 'api://AzureADTokenExchangeChina' })
    expect(problemsIn(setup.check(() => of))).toMatchObject([
      {
        check: 'pod-token-volume',
        found: 'api://AzureADTokenExchange',
        expected: 'api://AzureADTokenExchangeChina',
        fix: [restart],
        details: [expect.stringContaining('--audience')]
      }
    ])
  })

  it('accepts another audience for a token proxy', async () => {
    const env = [{ name: 'AZURE_KUBERNETES_TOKEN_PROXY', value: 'https://x' }]
    await setup.createWorkload(
      'Deployment',
      validTemplate({}, { containers: [{ name: 'main', image: 'x', env }], volumes: [volume('other')] })
    )
    expect(problemsIn(setup.check())).toEqual([])
  })

  it('fails if the token is not mounted', async () => {
    await setup.createWorkload()
    for (const container of containers()) container.volumeMounts = []
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'fail',
      message: 'the token is not mounted in main',
      fix: [restart]
    })
  })

  it('warns if the lifetime is that of an older annotation', async () => {
    await setup.createWorkload()
    await setup.patchAccount({ annotations: { [expiration]: '7200' } })
    expect(only()).toMatchObject({
      check: 'pod-token-volume',
      outcome: 'warn',
      found: '3600',
      expected: '7200',
      fix: [restart]
    })
  })

  it('accepts the lifetime of the pod or the service account', async () => {
    await setup.patchAccount({ annotations: { [expiration]: '7200' } })
    await setup.createWorkload('Deployment', validTemplate({ annotations: { [expiration]: '4000' } }))
    await setup.createWorkload('StatefulSet')
    expect(problemsIn(setup.check())).toEqual([])
  })

  it('accepts the lifetime of a volume of the template', async () => {
    const own = { path: 'azure-identity-token', audience: 'api://AzureADTokenExchange', expirationSeconds: 7200 }
    await setup.createWorkload(
      'Deployment',
      validTemplate(
        {},
        { volumes: [{ name: 'azure-identity-token', projected: { sources: [{ serviceAccountToken: own }] } }] }
      )
    )
    expect(problemsIn(setup.check())).toEqual([])
  })

  it.each(['60', '86401', '1h'])('fails for a lifetime of %s in the template', async asked => {
    await setup.createWorkload('Deployment', validTemplate({ annotations: { [expiration]: asked } }))
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

describe('the check pod-containers', () => {
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
  ])('reports the annotation %j', async (value, outcome, message) => {
    await setup.createWorkload('Deployment', validTemplate({ annotations: { [skip]: value } }, two))
    expect(only()).toMatchObject({
      check: 'pod-containers',
      outcome,
      message,
      found: `${skip}: ${JSON.stringify(value)}`,
      fix: [without]
    })
  })

  it('skips pod-environment if all containers are excluded', async () => {
    await setup.createWorkload('Deployment', validTemplate({ annotations: { [skip]: 'main' } }))
    expect(outcomes()).toContain('pod-environment: skipped')
  })
})
