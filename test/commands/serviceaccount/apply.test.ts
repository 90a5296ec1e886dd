import { describe, expect, it } from 'vitest'
import {
  addApplication,
  addServicePrincipal,
  everythingIn,
  readerRole,
  serviceAccountIn,
  writes
} from '../../helpers/state.js'
import { addManagedIdentity, addResourceGroup, identityId } from '../../helpers/managed-identity.js'
import { resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const role = "roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }]"
const annotationsOf = (name: string, namespace = 'default') =>
  serviceAccountIn(test.sandbox.state, name, namespace)?.metadata.annotations ?? {}
const clientIdOf = (name: string, namespace = 'default') =>
  annotationsOf(name, namespace)['azure.workload.identity/client-id']
const requests = (method: string, path: RegExp) =>
  test.sandbox.requests.filter(each => each.method === method && path.test(each.path))

describe('azwi serviceaccount apply', () => {
  it('connects workloads with identities of every kind', async () => {
    const { state } = test.sandbox
    const byClientId = addApplication(state, 'by client id')
    const byObjectId = addApplication(state, 'by object id')
    for (const application of [byClientId, byObjectId]) addServicePrincipal(state, application)
    const managed = addManagedIdentity(state, 'existing')
    const outcome = await apply(
      `
defaults: { ${role} }
workloads:
- name: own
- { name: named, identity: { application: { name: my application } } }
- { name: by-client-id, identity: { application: { clientId: ${byClientId.appId} } } }
- { name: by-object-id, identity: { application: { objectId: ${byObjectId.id} } } }
- { name: managed, identity: { managedIdentity: { name: made, resourceGroup: azwi-sandbox, location: northeurope, tags: { team: blue } } } }
- { name: by-resource-id, identity: { managedIdentity: { resourceId: ${identityId(state, 'existing')} } } }
`,
      '-o',
      'json'
    )
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(new Set(Object.values(resultsOf(outcome)))).toEqual(new Set(['created']))
    const named = [...state.applications.values()].find(({ displayName }) => displayName === 'my application')
    const made = [...state.managedIdentities.values()].find(({ name }) => name === 'made')
    expect(made).toMatchObject({ location: 'northeurope', tags: { team: 'blue', 'managed-by': 'azwi' } })
    expect(
      ['named', 'by-client-id', 'by-object-id', 'managed', 'by-resource-id'].map(name => clientIdOf(name))
    ).toEqual([named?.appId, byClientId.appId, byObjectId.appId, made?.clientId, managed.clientId])
    for (const { federatedIdentityCredentials } of [
      ...state.applications.values(),
      ...state.managedIdentities.values()
    ])
      expect(federatedIdentityCredentials).toHaveLength(1)
    expect(
      [...state.roleAssignments.values()].filter(({ roleDefinitionId }) => roleDefinitionId.endsWith(readerRole))
    ).toHaveLength(6)
  })

  it('creates a shared identity of either kind, and its roles, once', async () => {
    const sharers = Array.from(
      { length: 6 },
      (_, index) => `- { name: a-${index}, identity: { application: { name: together } } }
- { name: m-${index}, identity: { managedIdentity: { name: together, resourceGroup: azwi-sandbox } } }`
    ).join('\n')
    const { status, stderr, stdout } = await apply(`defaults: { ${role} }\nworkloads:\n${sharers}\n`, '-o', 'json')
    expect(status, stderr).toBe(0)
    const { state } = test.sandbox
    expect([...state.applications.values()].map(each => each.federatedIdentityCredentials.length)).toEqual([6])
    expect([...state.managedIdentities.values()].map(each => each.federatedIdentityCredentials.length)).toEqual([6])
    expect(state.roleAssignments.size).toBe(2)
    expect(requests('PATCH', /\/applications\(uniqueName/)).toHaveLength(1)
    expect(requests('POST', /\/servicePrincipals$/)).toHaveLength(1)
    expect(requests('PUT', /\/userAssignedIdentities\/together$/)).toHaveLength(1)
    expect(requests('GET', /\/userAssignedIdentities\/together$/)).toHaveLength(1)
    expect(requests('PUT', /\/roleAssignments\/[^/]+$/)).toHaveLength(2)
    interface Acted {
      readonly action: string
    }
    const { workloads } = JSON.parse(stdout) as { workloads: { identity: Acted; roleAssignments: Acted[] }[] }
    const oneOfEachKind = ['created', 'created', ...Array.from({ length: 10 }, () => 'kept')]
    expect(workloads.map(({ identity }) => identity.action).toSorted()).toEqual(oneOfEachKind)
    expect(workloads.flatMap(({ roleAssignments }) => roleAssignments.map(({ action }) => action)).toSorted()).toEqual(
      oneOfEachKind
    )
  })

  it('applies defaults, adds labels and roles to them, and creates a service account in each namespace', async () => {
    const { state } = test.sandbox
    addResourceGroup(state, 'data')
    const outcome = await apply(
      `
defaults:
  namespaces: [kube-public, default]
  tokenExpiration: 2h
  labels: { team: blue, tier: back }
  ${role}
workloads:
- name: plain
- { name: own, namespace: kube-system, tokenExpiration: 86400, labels: { tier: front }, roles: [{ role: Contributor, scope: 'rg:data' }, { role: Reader, scope: 'rg:azwi-sandbox' }] }
`,
      '-o',
      'json'
    )
    expect(outcome.status, outcome.stderr).toBe(0)
    expect(Object.keys(resultsOf(outcome))).toEqual(['kube-public/plain', 'default/plain', 'kube-system/own'])
    expect(annotationsOf('plain')['azure.workload.identity/service-account-token-expiration']).toBe('7200')
    expect(serviceAccountIn(state, 'plain')?.metadata.labels).toMatchObject({ team: 'blue', tier: 'back' })
    expect(annotationsOf('own', 'kube-system')['azure.workload.identity/service-account-token-expiration']).toBe(
      '86400'
    )
    expect(serviceAccountIn(state, 'own', 'kube-system')?.metadata.labels).toMatchObject({
      team: 'blue',
      tier: 'front'
    })
    // If the file names no identity, each service account has its own.
    expect(
      new Set([clientIdOf('plain'), clientIdOf('plain', 'kube-public'), clientIdOf('own', 'kube-system')]).size
    ).toBe(3)
    expect(state.roleAssignments.size).toBe(4)
  })

  it('uses the issuer and the audience of the file', async () => {
    const { status, stderr } = await apply(
      'workloads: [{ name: app, issuer: "https://issuer.example/", audience: "api://Other" }]',
      '--allow-other-issuer'
    )
    expect(status, stderr).toBe(0)
    const [application] = test.sandbox.state.applications.values()
    expect(application?.federatedIdentityCredentials).toMatchObject([
      { issuer: 'https://issuer.example/', audiences: ['api://Other'] }
    ])
  })

  it('writes nothing if nothing has changed', async () => {
    const text = `set: payments\ndefaults: { ${role} }\nworkloads:
- name: own
- { name: a, identity: { application: { name: together } } }
- { name: b, identity: { application: { name: together } } }
- { name: m, identity: { managedIdentity: { name: managed, resourceGroup: azwi-sandbox } }, labels: { team: blue } }\n`
    expect((await apply(text)).status).toBe(0)
    const before = everythingIn(test.sandbox.state)
    test.sandbox.requests.length = 0
    const again = await apply(text, '-o', 'json')
    expect(again.status, again.stderr).toBe(0)
    expect(new Set(Object.values(resultsOf(again)))).toEqual(new Set(['unchanged']))
    expect(writes(test.sandbox).filter(({ path }) => !path.endsWith('$batch'))).toEqual([])
    expect(everythingIn(test.sandbox.state)).toEqual(before)
  })

  it('changes only what differs in the file', async () => {
    await apply('workloads: [{ name: a }, { name: b }]')
    test.sandbox.requests.length = 0
    const outcome = await apply('workloads: [{ name: a, tokenExpiration: 2h }, { name: b }]', '-o', 'json')
    expect(resultsOf(outcome)).toEqual({ 'default/a': 'updated', 'default/b': 'unchanged' })
    expect(
      writes(test.sandbox)
        .filter(({ path }) => !path.endsWith('$batch'))
        .map(({ path }) => path)
    ).toEqual(['/api/v1/namespaces/default/serviceaccounts/a'])
  })
})
