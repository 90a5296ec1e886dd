import { describe, expect, it } from 'vitest'
import { addAnnotated, connectApplication, connectManagedIdentity, subjectOf } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { createClock } from '../../helpers/clock.js'
import { countRounds } from '../../helpers/rounds.js'
import { addCredential, issuerOf, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const requestsTo = (service: string): string[] =>
  test.sandbox.requests.filter(each => each.service === service).map(({ method, path }) => `${method} ${path}`)
const many = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `app-${String(index).padStart(2, '0')}`)

describe('azwi serviceaccount list, with many service accounts', () => {
  it('looks 40 applications up in batches of 15 and 20', async () => {
    for (const name of many(40)) connectApplication(test.sandbox.state, name)
    const { status, stdout, stderr } = await test.run('sa', 'list')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.match(/ ok$/gm)).toHaveLength(40)
    const graph = requestsTo('graph')
    expect(graph.filter(each => each === 'GET /v1.0/applications')).toHaveLength(3)
    expect(graph.filter(each => each === 'GET /v1.0/servicePrincipals')).toHaveLength(3)
    // Each response with applications leads to at most one further batch.
    expect(graph.length).toBeLessThanOrEqual(9)
    expect(
      requestsTo('arm')
        .toSorted()
        .map(each => each.split('/').at(-1))
    ).toEqual(['endpoints', 'roleAssignments', 'roleDefinitions', 'userAssignedIdentities'])
    expect(requestsTo('kubernetes')).toEqual(['GET /api/v1/serviceaccounts', 'GET /.well-known/openid-configuration'])
    expect(writes(test.sandbox).filter(({ path }) => !path.endsWith('batch'))).toEqual([])
  })

  it('waits only for the login, the identity and its credentials', async () => {
    for (const name of many(5)) connectApplication(test.sandbox.state, name)
    connectManagedIdentity(test.sandbox.state, 'jobs')
    // Loads all modules. To load one for the first time takes turns of the event loop, which the clock would take for time to wait.
    await test.run('sa', 'list')
    const clock = createClock()
    const rounds = countRounds(test, clock)
    expect((await test.azwi(['sa', 'list'], {}, { clock })).stdout.match(/ ok$/gm)).toHaveLength(6)
    // Metadata of the cloud, token; identities; credentials. The requests to the cluster run at the same time.
    expect(rounds()).toBe(4)
  })

  it('looks up a shared identity once, and tells the credentials of its service accounts apart', async () => {
    const { state } = test.sandbox
    const { application } = connectApplication(state, 'app')
    const identity = connectManagedIdentity(state, 'jobs')
    for (const name of many(5)) {
      addAnnotated(state, name, application.appId, 'kube-public')
      addCredential(application, { name, issuer: issuerOf(state), subject: subjectOf(name, 'kube-public') })
      addAnnotated(state, `mi-${name}`, identity.clientId.toUpperCase())
    }
    const { stdout } = await test.run('sa', 'list')
    expect(stdout.match(/app\/default-app +6\/20 +Reader +ok$/gm)).toHaveLength(6)
    expect(stdout.match(/mi\/jobs +1\/20 +Reader +no credential$/gm)).toHaveLength(5)
    expect(requestsTo('graph').filter(each => each.includes('federatedIdentityCredentials'))).toHaveLength(1)
    expect(requestsTo('arm').filter(each => each.includes('federatedIdentityCredentials'))).toHaveLength(1)
  })

  it('reads a list of many pages from the cluster', async () => {
    for (const name of many(520)) addAnnotated(test.sandbox.state, name, '')
    const { stdout } = await test.run('sa', 'list', '-o', 'name')
    expect(stdout.match(/^serviceaccount\/default\/app-/gm)).toHaveLength(520)
    expect(requestsTo('kubernetes').filter(each => each.endsWith('serviceaccounts'))).toHaveLength(2)
  })
})
