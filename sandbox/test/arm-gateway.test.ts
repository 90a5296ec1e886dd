import { beforeEach, describe, expect, it } from 'vitest'
import { removeWorkloadIdentityWebhook } from '../src/kubernetes/workload-identity-webhook.js'
import { armService } from '../src/arm/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Call, createCaller } from './service-caller.js'

const freshState = reusableState()
let state: State
let arm: Call
let subscription: string

beforeEach(async () => {
  state = await freshState()
  Object.assign(state.endpoints, { entra: 'https://login.test', graph: 'https://graph.test', arm: 'https://arm.test' })
  arm = await createCaller(state, armService(state), 'https://management.azure.com/')
  subscription = `/subscriptions/${state.subscriptionId}`
})

describe('the ARM gateway', () => {
  it('checks the api-version first, then the subscription, then the token', async () => {
    const anonymous = { authorization: undefined }
    const codes = []
    for (const target of [
      '/subscriptions/x',
      '/subscriptions/x?api-version=2022-12-01',
      `${subscription}?api-version=2022-12-01`
    ]) {
      const { status, body } = await arm('GET', target, anonymous)
      codes.push([status, body.error.code])
    }
    expect(codes).toEqual([
      [400, 'MissingApiVersionParameter'],
      [404, 'SubscriptionNotFound'],
      [401, 'AuthenticationFailed']
    ])
  })

  it('names the tenant of the subscription in the challenge, and no tenant without a subscription', async () => {
    const known = await arm('GET', `${subscription}?api-version=2016-06-01`, { authorization: undefined })
    expect(known.headers['www-authenticate']).toContain(
      `Bearer authorization_uri="https://login.test/${state.tenantId}", error="invalid_token"`
    )
    const none = await arm('GET', '/subscriptions?api-version=2016-06-01', { authorization: undefined })
    expect(none.headers['www-authenticate']).toContain('Bearer authorization_uri="https://login.test/",')
  })

  it('refuses a token for Graph', async () => {
    const token = await state.accessTokens.issue({ appId: 'a', objectId: 'b' }, 'https://graph.microsoft.com')
    expect(
      (await arm('GET', `${subscription}?api-version=2022-12-01`, { authorization: `Bearer ${token}` })).status
    ).toBe(401)
  })

  it.each([
    ['GET', '{sub}?api-version=1999-01-01', 400, 'InvalidApiVersionParameter'],
    ['GET', '{sub}/providers/Microsoft.Nothing/things?api-version=2020-01-01', 404, 'InvalidResourceNamespace'],
    ['GET', '{sub}/providers/Microsoft.KeyVault/vaults?api-version=2023-07-01', 409, 'MissingSubscriptionRegistration'],
    ['GET', '{sub}/providers/Microsoft.Authorization/locks?api-version=2020-05-01', 404, 'InvalidResourceType'],
    ['GET', '/nothing?api-version=2020-01-01', 404, 'NotFound'],
    ['POST', '{sub}?api-version=2022-12-01', 405, 'MethodNotAllowed'],
    ['GET', '{sub}/resourcegroups/none?api-version=2022-09-01', 404, 'ResourceGroupNotFound'],
    [
      'GET',
      '{sub}/resourceGroups/none/providers/Microsoft.ManagedIdentity/userAssignedIdentities?api-version=2023-01-31',
      404,
      'ResourceGroupNotFound'
    ]
  ])('answers %s %s with %i %s', async (method, target, status, code) => {
    const answer = await arm(method, target.replace('{sub}', subscription))
    expect([answer.status, answer.body.error.code]).toEqual([status, code])
  })

  it('denies writes but not reads, and names client, action and scope, if permission to write is denied', async () => {
    state.denied.add('arm')
    const id = `${subscription}/resourceGroups/azwi-sandbox/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x/federatedIdentityCredentials/abc`
    const answer = await arm('PUT', `${id}?api-version=2023-01-31`, { body: {} })
    expect([answer.status, answer.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect(answer.body.error.message).toContain(
      `The client '${state.operator.clientId}' with object id '${state.operator.objectId}' does not have authorization ` +
        `to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write' over scope '${id}'`
    )
    expect((await arm('GET', `${subscription}?api-version=2022-12-01`)).status).toBe(200)
  })

  it.each([
    [
      '/resourceGroups/azwi-sandbox/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x',
      '2023-01-31',
      'Microsoft.ManagedIdentity/userAssignedIdentities/read',
      '/resourceGroups/azwi-sandbox/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x'
    ],
    [
      '/providers/Microsoft.Authorization/roleAssignments',
      '2022-04-01',
      'Microsoft.Authorization/roleAssignments/read',
      '/providers/Microsoft.Authorization'
    ],
    [
      '/resourcegroups/azwi-sandbox',
      '2022-09-01',
      'Microsoft.Resources/subscriptions/resourcegroups/read',
      '/resourcegroups/azwi-sandbox'
    ],
    ['', '2022-12-01', 'Microsoft.Resources/subscriptions/read', '']
  ])('denies reads of %s if permission to read is denied', async (path, version, action, scope) => {
    state.denied.add('arm reads')
    const answer = await arm('GET', `${subscription}${path}?api-version=${version}`)
    expect([answer.status, answer.body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect(answer.body.error.message).toContain(`action '${action}' over scope '${subscription}${scope}'`)
    expect((await arm('GET', '/subscriptions?api-version=2022-12-01')).status).toBe(200)
  })
})

describe('subscriptions and resource groups', () => {
  it('are listed and read, in any letter case and with any number of slashes', async () => {
    expect((await arm('GET', '/subscriptions?api-version=2022-12-01')).body.value).toMatchObject([
      { subscriptionId: state.subscriptionId, state: 'Enabled' }
    ])
    expect(
      (
        await arm(
          'GET',
          `/.//SUBSCRIPTIONS/${state.subscriptionId.toUpperCase()}/resourceGROUPS/AZWI-sandbox?api-version=2021-04-01`
        )
      ).body
    ).toMatchObject({ name: 'azwi-sandbox', location: 'westeurope' })
  })

  it('a group is created once and cannot change its location', async () => {
    const put = (location: string) =>
      arm('PUT', `${subscription}/resourceGroups/New?api-version=2021-04-01`, { body: { location } })
    expect((await put('West Europe')).status).toBe(201)
    expect((await put('westeurope')).status).toBe(200)
    const moved = await put('eastus')
    expect([moved.status, moved.body.error.code]).toEqual([409, 'InvalidResourceGroupLocation'])
    expect((await arm('GET', `${subscription}/resourcegroups?api-version=2021-04-01`)).body.value).toHaveLength(2)
  })
})

describe('the metadata document', () => {
  it.each(['2015-01-01', '2019-05-01', '2022-09-01'])(
    'of %s names the endpoints of the sandbox, and needs no token',
    async version => {
      const { status, body } = await arm('GET', `/metadata/endpoints?api-version=${version}`, {
        authorization: undefined
      })
      expect(status).toBe(200)
      const cloud = (Array.isArray(body) ? body[0] : body) as {
        authentication: { loginEndpoint: string; audiences: string[] }
      }
      expect(cloud.authentication.loginEndpoint).toMatch(/^https:\/\/login\.test/)
      expect(cloud.authentication.audiences).toContain('https://management.azure.com/')
      if (version === '2022-09-01') {
        expect(cloud).toMatchObject({
          name: 'AzureCloud',
          resourceManager: 'https://arm.test/',
          microsoftGraphResourceId: 'https://graph.test/'
        })
      }
    }
  )

  it('does not exist in other versions', async () => {
    expect((await arm('GET', '/metadata/endpoints?api-version=2020-06-01', { authorization: undefined })).status).toBe(
      400
    )
  })
})

describe('an AKS cluster', () => {
  it('shows its issuer only while the issuer is enabled', async () => {
    const id = `${subscription}/resourcegroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/aks`
    const cluster = {
      id,
      name: 'aks',
      resourceGroup: 'azwi-sandbox',
      location: 'westeurope',
      tags: {},
      kubernetesVersion: '1.33.1',
      oidcIssuerEnabled: false,
      issuerUrl: undefined as string | undefined,
      workloadIdentityEnabled: false,
      otherProperties: {}
    }
    state.managedClusters.set(id.toLowerCase(), cluster)
    const read = async () => (await arm('GET', `${id}?api-version=2025-08-01`)).body.properties
    expect(await read()).toMatchObject({ oidcIssuerProfile: { enabled: false }, securityProfile: {} })
    Object.assign(cluster, { oidcIssuerEnabled: true, issuerUrl: 'https://issuer/', workloadIdentityEnabled: true })
    expect(await read()).toMatchObject({
      oidcIssuerProfile: { enabled: true, issuerURL: 'https://issuer/' },
      securityProfile: { workloadIdentity: { enabled: true } }
    })
    expect(
      (await arm('GET', `${subscription}/providers/Microsoft.ContainerService/managedClusters?api-version=2025-08-01`))
        .body.value
    ).toHaveLength(1)
  })

  it('is updated by a PUT, which can turn workload identity on and off, and the issuer only on', async () => {
    const id = `${subscription}/resourceGroups/azwi-sandbox/providers/Microsoft.ContainerService/managedClusters/azwi-sandbox`
    removeWorkloadIdentityWebhook(state)
    state.managedClusters.set(id.toLowerCase(), {
      id,
      name: 'azwi-sandbox',
      resourceGroup: 'azwi-sandbox',
      location: 'westeurope',
      tags: {},
      kubernetesVersion: '1.32',
      oidcIssuerEnabled: false,
      issuerUrl: undefined,
      workloadIdentityEnabled: false,
      otherProperties: {}
    })
    state.cluster.issuer = 'https://issuer/'
    const put = async (properties: object) => {
      const { body } = await arm('GET', `${id}?api-version=2025-08-01`)
      return arm('PUT', `${id}?api-version=2025-08-01`, {
        body: { ...body, properties: { ...body.properties, ...properties } }
      })
    }
    const workloadIdentity = (enabled: boolean) => ({ securityProfile: { workloadIdentity: { enabled } } })
    expect((await put(workloadIdentity(true))).status).toBe(400)
    expect(state.cluster.mutatingWebhookConfigurations.size).toBe(0)
    expect(await put({ oidcIssuerProfile: { enabled: true }, ...workloadIdentity(true) })).toMatchObject({
      status: 200,
      body: {
        properties: {
          provisioningState: 'Succeeded',
          oidcIssuerProfile: { enabled: true, issuerURL: 'https://issuer/' },
          ...workloadIdentity(true)
        }
      }
    })
    expect([...state.cluster.mutatingWebhookConfigurations.keys()]).toEqual([
      'azure-wi-webhook-mutating-webhook-configuration'
    ])
    expect((await put({ oidcIssuerProfile: { enabled: false } })).body.error.code).toBe(
      'OIDCIssuerFeatureCannotBeDisabled'
    )
    expect((await put(workloadIdentity(false))).status).toBe(200)
    expect(state.cluster.mutatingWebhookConfigurations.size).toBe(0)
    expect(await arm('PATCH', `${id}?api-version=2025-08-01`, { body: { tags: { a: 'b' } } })).toMatchObject({
      status: 200,
      body: { tags: { a: 'b' } }
    })
    expect((await arm('PUT', `${id}2?api-version=2025-08-01`, { body: {} })).status).toBe(404)
  })
})
