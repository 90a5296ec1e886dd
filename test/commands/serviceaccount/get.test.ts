import { describe, expect, it } from 'vitest'
import { addAnnotated, connectApplication, connectManagedIdentity, subjectOf } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { addServiceAccount, groupScope, issuerOf } from '../../helpers/state.js'

const test = useFaultySandbox()
const get = (...words: readonly string[]) => test.run('serviceaccount', 'get', ...words)

describe('azwi serviceaccount get', () => {
  it('prints the chain as a tree, from the issuer to the roles', async () => {
    const { state } = test.sandbox
    const { application, principal } = connectApplication(state, 'web')
    const { status, stdout, stderr } = await get('web')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(
      [
        `cluster issuer ${issuerOf(state)}`,
        '└── service account default/web',
        `    ├── client id ${application.appId}`,
        '    └── credential web-credential',
        '        ├── subject system:serviceaccount:default:web',
        '        ├── audience api://AzureADTokenExchange',
        '        └── application "default-web"',
        `            ├── object id ${application.id}`,
        '            ├── 1 of 20 credentials',
        `            ├── service principal ${principal.id}`,
        '            └── roles',
        `                └── Reader at ${groupScope(state)}`,
        ''
      ].join('\n')
    )
  })

  it('accepts a namespace, and shows the ID of a managed identity', async () => {
    const identity = connectManagedIdentity(test.sandbox.state, 'jobs', 'kube-public')
    const { status, stdout } = await get('jobs', '-n', 'kube-public')
    expect(status).toBe(0)
    expect(stdout).toMatch(/└── managed identity "jobs"\n/)
    expect(stdout).toContain(`├── id ${identity.id}\n`)
  })

  it('prints the entry of list with the issuer as JSON', async () => {
    const { state } = test.sandbox
    const { application } = connectApplication(state, 'web')
    const one = JSON.parse((await get('web', '-o', 'json')).stdout) as Record<string, unknown>
    const all = JSON.parse((await test.run('sa', 'list', '-o', 'json')).stdout) as {
      issuer: string
      serviceAccounts: object[]
    }
    expect(one).toEqual({ issuer: all.issuer, ...all.serviceAccounts[0] })
    expect(one).toMatchObject({ clientId: application.appId, credential: { subject: subjectOf('web') }, status: 'ok' })
    expect((await get('web', '-o', 'name')).stdout).toBe('serviceaccount/default/web\n')
  })

  it('marks problems at the object that has them', async () => {
    const { state } = test.sandbox
    const { application } = connectApplication(state, 'web')
    application.federatedIdentityCredentials[0]!.audiences = ['api://other']
    state.roleAssignments.clear()
    const { status, stdout } = await get('web')
    expect(status).toBe(0)
    expect(stdout).toMatch(
      / {8}├── audience api:\/\/other\n {8}├── ✗ the credential web-credential is for the audience api:\/\/other, and a pod's token is for api:\/\/AzureADTokenExchange\n {8}└── application/
    )
    expect(stdout).toMatch(
      / {12}└── roles \(none\)\n {16}└── ✗ "default-web" has no role of its own in this subscription\n$/
    )
    application.federatedIdentityCredentials = []
    expect((await get('web')).stdout).toMatch(
      / {4}└── credential \(none\)\n {8}├── ✗ no credential is for exactly system:serviceaccount:default:web of the issuer /
    )
  })

  it('ends at the broken link of the chain', async () => {
    addAnnotated(test.sandbox.state, 'web', '00000000-0000-0000-0000-000000000001')
    expect((await get('web')).stdout).toMatch(
      /└── ✗ no application and no managed identity has the client id 0{8}-.*0001\n$/
    )
  })

  it('shows a service account without a connection', async () => {
    addServiceAccount(test.sandbox.state, 'bare')
    const { status, stdout } = await get('bare')
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /service account default\/bare\n {4}├── client id \(none\)\n {4}└── ✗ the annotation azure\.workload\.identity\/client-id is missing or empty\n$/
    )
  })

  it('marks objects that could not be read', async () => {
    connectApplication(test.sandbox.state, 'web')
    test.fault(async (request, service, next) =>
      service === 'arm' && request.path.includes('/roleAssignments')
        ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } }
        : next()
    )
    const { status, stdout, stderr } = await get('web')
    expect(status).toBe(0)
    expect(stdout).toMatch(/└── \? its roles could not be read\n$/)
    expect(stderr).toContain('could not read role assignments')
  })

  it('fails for an unknown service account, with a line that lists them', async () => {
    const { status, stdout, stderr } = await get('nobody', '-n', 'kube-public')
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(
      'Error: there is no service account "nobody" in the namespace "kube-public"\nHint: list them: kubectl get serviceaccounts --namespace kube-public\n'
    )
  })

  it.each([
    [['Not_A_Name'], /Not_A_Name/],
    [['web', '-n', 'Wrong'], /--namespace "Wrong"/],
    [[], /name/]
  ])('refuses %j before any request', async (words, mention) => {
    const { status, stderr } = await get(...words)
    expect(status).toBe(2)
    expect(stderr).toMatch(mention)
    expect(test.sandbox.requests).toEqual([])
  })
})
