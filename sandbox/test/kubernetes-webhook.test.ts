import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import {
  installWorkloadIdentityWebhook,
  removeWorkloadIdentityWebhook
} from '../src/kubernetes/workload-identity-webhook.js'
import { snapshotState } from '../../test/helpers/state-reset.js'
import { askCluster } from './client.js'
import { apps, core, patch, podNames, podsOf, post, template, workload } from './workload.js'

let sandbox: Sandbox
let reset: () => void
beforeAll(async () => {
  sandbox = await startSandbox()
  await account('app', { 'azure.workload.identity/client-id': 'the-client' })
  reset = snapshotState(sandbox.state)
})
afterAll(() => sandbox.close())
beforeEach(() => {
  reset()
})

const label = { 'azure.workload.identity/use': 'true' }
const account = (name: string, annotations: Record<string, string>) =>
  post(sandbox, `${core}/serviceaccounts`, { metadata: { name, annotations } })
const pod = (metadata: object = {}, spec: object = {}, path = core) =>
  post(sandbox, `${path}/pods`, {
    metadata: { name: 'pod', labels: label, ...metadata },
    spec: { serviceAccountName: 'app', containers: [{ name: 'main', image: 'nginx' }], ...spec }
  })
const scaleWebhook = (replicas: number) =>
  patch(sandbox, '/apis/apps/v1/namespaces/kube-system/deployments/azure-wi-webhook-controller-manager', {
    spec: { replicas }
  })
const configuration =
  '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
const mount = { name: 'azure-identity-token', mountPath: '/var/run/secrets/azure/tokens', readOnly: true }
const unavailable =
  'Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post ' +
  '"https://azure-wi-webhook-webhook-service.kube-system.svc:443/mutate-v1-pod?timeout=10s": no endpoints available for service "azure-wi-webhook-webhook-service"'

describe('a pod with the label of workload identity', () => {
  it('gets a volume, and variables and a mount in every container', async () => {
    const { tenantId, endpoints } = sandbox.state
    const env = [
      { name: 'AZURE_CLIENT_ID', value: 'the-client' },
      { name: 'AZURE_TENANT_ID', value: tenantId },
      { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/var/run/secrets/azure/tokens/azure-identity-token' },
      { name: 'AZURE_AUTHORITY_HOST', value: `${endpoints.entra}/` }
    ]
    const serviceAccountToken = {
      audience: 'api://AzureADTokenExchange',
      expirationSeconds: 3600,
      path: 'azure-identity-token'
    }
    const answer = await pod({}, { initContainers: [{ name: 'first', image: 'x' }] })
    expect(answer).toMatchObject({
      status: 201,
      json: {
        spec: {
          containers: [{ env, volumeMounts: [{}, mount] }],
          initContainers: [{ env, volumeMounts: [{}, mount] }],
          volumes: [{}, { name: 'azure-identity-token', projected: { sources: [{ serviceAccountToken }] } }]
        }
      }
    })
  })

  it('keeps its own variables, and the containers to skip unchanged', async () => {
    const containers = [
      { name: 'main', image: 'x', env: [{ name: 'AZURE_CLIENT_ID', value: 'mine' }] },
      { name: 'other', image: 'x' },
      { name: 'third', image: 'x' }
    ]
    const answer = await pod(
      { annotations: { 'azure.workload.identity/skip-containers': 'other; third' } },
      { containers }
    )
    const [main, other, third] = (answer.json.spec as { containers: { env?: object[] }[] }).containers
    expect(main!.env?.filter(each => 'name' in each && each.name === 'AZURE_CLIENT_ID')).toEqual([
      { name: 'AZURE_CLIENT_ID', value: 'mine' }
    ])
    expect([other!.env, third!.env]).toEqual([undefined, undefined])
  })

  it('gets the tenant, the expiration and the client of its service account, unless it has its own expiration', async () => {
    await account('other', {
      'azure.workload.identity/tenant-id': 'elsewhere',
      'azure.workload.identity/service-account-token-expiration': '7200'
    })
    const expirations = async (name: string, annotations: object) => {
      const { json } = await pod({ name, annotations }, { serviceAccountName: 'other' })
      expect(JSON.stringify(json.spec)).toContain('{"name":"AZURE_TENANT_ID","value":"elsewhere"}')
      expect(JSON.stringify(json.spec)).not.toContain('AZURE_CLIENT_ID')
      return (
        json.spec as {
          volumes: { name: string; projected: { sources: { serviceAccountToken: { expirationSeconds: number } }[] } }[]
        }
      ).volumes.find(volume => volume.name === mount.name)!.projected.sources[0]!.serviceAccountToken.expirationSeconds
    }
    expect(await expirations('one', {})).toBe(7200)
    expect(await expirations('two', { 'azure.workload.identity/service-account-token-expiration': '4000' })).toBe(4000)
  })

  it.each([
    ['60', 'token expiration 60 not valid. Expected value to be between 3600 and 86400'],
    ['1h', 'strconv.ParseInt: parsing "1h": invalid syntax']
  ])('is refused with an expiration of %s', async (expiration, why) => {
    const answer = await pod({
      annotations: { 'azure.workload.identity/service-account-token-expiration': expiration }
    })
    expect(answer).toMatchObject({
      status: 400,
      json: { message: `admission webhook "mutation.azure-workload-identity.io" denied the request: ${why}` }
    })
  })

  it('keeps its own volume for the token, with any audience', async () => {
    const volumes = [
      {
        name: 'own',
        projected: { sources: [{ serviceAccountToken: { path: 'azure-identity-token', audience: 'other' } }] }
      }
    ]
    expect(JSON.stringify((await pod({}, { volumes })).json.spec)).not.toContain('api://AzureADTokenExchange')
  })

  it.each([
    ['another value', { labels: { 'azure.workload.identity/use': 'True' } }, core],
    ['the label as an annotation', { labels: {}, annotations: label }, core],
    ['the namespace kube-system', {}, '/api/v1/namespaces/kube-system']
  ])('is not changed with %s', async (_difference, metadata, path) => {
    const answer = await pod(metadata, { serviceAccountName: 'default' }, path)
    expect(answer.status).toBe(201)
    expect(answer.text).not.toContain('AZURE_')
  })

  it('is not changed after its creation', async () => {
    await pod({ labels: {} })
    await patch(sandbox, `${core}/pods/pod`, { metadata: { labels: label } })
    expect(JSON.stringify(podsOf(sandbox))).not.toContain('AZURE_')
  })
})

describe('the workload identity webhook', () => {
  it('refuses pods without endpoints, unless its failure policy is Ignore', async () => {
    await scaleWebhook(0)
    expect(await pod()).toMatchObject({ status: 500, json: { reason: 'InternalError', message: unavailable } })
    expect(await pod({ name: 'plain', labels: {} })).toMatchObject({ status: 201 })
    await patch(sandbox, configuration, {
      webhooks: [{ name: 'mutation.azure-workload-identity.io', failurePolicy: 'Ignore' }]
    })
    const answer = await pod()
    expect(answer.status).toBe(201)
    expect(answer.text).not.toContain('AZURE_')
  })

  it('keeps a deployment from creating pods until it has endpoints', async () => {
    await post(sandbox, `${apps}/deployments`, workload('Deployment'))
    const before = podNames(sandbox)
    await scaleWebhook(0)
    await patch(sandbox, `${apps}/deployments/app`, {
      spec: { template: template(label, { serviceAccountName: 'app' }) }
    })
    expect(podNames(sandbox)).toEqual(before)
    const { status } = (await askCluster(sandbox, `${apps}/deployments/app`)).json as {
      status: { conditions: object[] }
    }
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: unavailable })
    )
    await scaleWebhook(2)
    expect(podNames(sandbox)).not.toEqual(before)
    expect(podsOf(sandbox)).toMatchObject([
      { spec: { containers: [{ env: [{ name: 'AZURE_CLIENT_ID', value: 'the-client' }, {}, {}, {}] }] } }
    ])
  })

  it('names its missing service in the error', async () => {
    await askCluster(sandbox, '/api/v1/namespaces/kube-system/services/azure-wi-webhook-webhook-service', {
      method: 'DELETE'
    })
    expect(await pod()).toMatchObject({
      status: 500,
      json: { message: expect.stringMatching(/service "azure-wi-webhook-webhook-service" not found$/) as string }
    })
  })

  it('can be removed and installed again', async () => {
    removeWorkloadIdentityWebhook(sandbox.state)
    expect(await askCluster(sandbox, configuration)).toMatchObject({ status: 404 })
    expect((await pod({ name: 'before' })).text).not.toContain('AZURE_')
    installWorkloadIdentityWebhook(sandbox.state)
    installWorkloadIdentityWebhook(sandbox.state)
    expect((await pod({ name: 'after' })).text).toContain('AZURE_CLIENT_ID')
  })

  it('uses the login and the audience of the cloud', async () => {
    const china = await startSandbox({ cloud: 'AzureChinaCloud' })
    onTestFinished(() => china.close())
    await post(china, `${core}/pods`, {
      metadata: { name: 'pod', labels: label },
      spec: { containers: [{ name: 'main', image: 'x' }] }
    })
    const text = JSON.stringify(podsOf(china))
    expect(text).toContain('{"name":"AZURE_AUTHORITY_HOST","value":"https://login.chinacloudapi.cn/"}')
    expect(text).toContain('"audience":"api://AzureADTokenExchangeChina"')
  })
})
