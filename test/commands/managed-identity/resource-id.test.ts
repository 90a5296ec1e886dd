import { describe, expect, it } from 'vitest'
import type { SandboxRequest } from '../../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import {
  addManagedIdentity,
  identityFlags,
  identityId,
  onlyManagedIdentity,
  servicesAsked
} from '../../helpers/managed-identity.js'
import { groupScope, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const elsewhere = '99999999-2222-4333-8444-555555555555'
const create = (id: string, ...more: readonly string[]) =>
  test.run('sa', 'create', '--service-account-name', 'app', '--managed-identity-resource-id', id, ...more)
const role = () => ['--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state)]

/** Lets the sandbox, which has one subscription, respond for another one too, with its IDs. Returns the requests for it. */
function alsoAnswerFor(subscriptionId: string): readonly SandboxRequest[] {
  const seen: SandboxRequest[] = []
  test.fault(async (request, _service, next) => {
    if (!request.path.includes(subscriptionId)) return next()
    seen.push(request)
    Object.assign(request, { path: request.path.replace(subscriptionId, test.sandbox.state.subscriptionId) })
    return next()
  })
  return seen
}

describe('--managed-identity-resource-id', () => {
  it('is sufficient for the whole flow', async () => {
    const identity = addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await create(identityId(test.sandbox.state), ...role())
    expect(status, stderr).toBe(0)
    expect(identity.federatedIdentityCredentials).toHaveLength(1)
    expect([...test.sandbox.state.roleAssignments.values()]).toMatchObject([{ principalId: identity.principalId }])
    expect(
      serviceAccountIn(test.sandbox.state, 'app')?.metadata.annotations?.['azure.workload.identity/client-id']
    ).toBe(identity.clientId)
    expect(servicesAsked(test.sandbox)).not.toContain('graph')
  })

  it.each([
    ['as ARM writes it', (id: string) => id.replace('resourceGroups', 'resourcegroups')],
    ['in capitals', (id: string) => id.toUpperCase()],
    ['in small letters', (id: string) => id.toLowerCase()]
  ])('is accepted in any letter case: %s', async (_, written) => {
    addManagedIdentity(test.sandbox.state, 'Shared')
    const id = written(identityId(test.sandbox.state, 'Shared'))
    const { status, stderr } = await create(id)
    expect(status, stderr).toBe(0)
    test.sandbox.requests.length = 0
    expect((await create(id)).status).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(onlyManagedIdentity(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
  })

  it('is an error for an unknown identity, with its name and place, and creates none', async () => {
    const { status, stderr } = await create(identityId(test.sandbox.state, 'missing'), ...role())
    expect(status).toBe(1)
    expect(stderr).toMatch(
      new RegExp(
        `^Error: .*"missing".*"azwi-sandbox".*${test.sandbox.state.subscriptionId}\nHint: .*az identity list`,
        'm'
      )
    )
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(writes(test.sandbox)).toEqual([])
  })

  it.each([
    ['resource group', () => identityId(test.sandbox.state, 'shared', 'gone'), 'gone'],
    [
      'subscription',
      () => identityId(test.sandbox.state).replace(test.sandbox.state.subscriptionId, elsewhere),
      elsewhere
    ]
  ])('is an error that names the missing %s', async (_, id, name) => {
    const { status, stderr } = await create(id())
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^Error: .*${name}`, 'm'))
    expect(writes(test.sandbox)).toEqual([])
  })

  it('can be in another subscription, where azwi reads identity and credential, but not roles and groups', async () => {
    const identity = addManagedIdentity(test.sandbox.state)
    const seen = alsoAnswerFor(elsewhere)
    const { status, stderr } = await create(
      identityId(test.sandbox.state).replace(test.sandbox.state.subscriptionId, elsewhere),
      '--grant',
      'Reader=rg:azwi-sandbox'
    )
    expect(status, stderr).toBe(0)
    expect(identity.federatedIdentityCredentials).toHaveLength(1)
    expect(seen.every(({ path }) => path.includes('/userAssignedIdentities/'))).toBe(true)
    expect(seen).not.toEqual([])
  })

  it('names the subscription, so that no other is needed', async () => {
    addManagedIdentity(test.sandbox.state)
    const { status, stderr } = await test.azwi(
      [
        'sa',
        'create',
        '--service-account-name',
        'app',
        '--managed-identity-resource-id',
        identityId(test.sandbox.state)
      ],
      { AZURE_SUBSCRIPTION_ID: undefined }
    )
    expect(status, stderr).toBe(0)
  })
})

describe('--managed-identity-resource-group', () => {
  it.each([[], ['--managed-identity-location', 'westeurope']])(
    'is refused before any write if it does not exist, with the line that creates it: %j',
    async (...more: string[]) => {
      const { status, stderr } = await test.run(
        'sa',
        'create',
        '--service-account-name',
        'app',
        ...identityFlags.slice(0, 2),
        '--managed-identity-resource-group',
        'gone',
        ...more
      )
      expect(status).toBe(1)
      expect(stderr).toMatch(/^Error: .*no resource group "gone".*\nHint: .*az group create --name gone/m)
      expect(writes(test.sandbox)).toEqual([])
    }
  )

  it('is quoted for a shell if it has parentheses', async () => {
    const { stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      ...identityFlags.slice(0, 2),
      '--managed-identity-resource-group',
      'gone(1)'
    )
    expect(stderr).toMatch(/^Hint: .*az group create --name 'gone\(1\)' --location/m)
  })
})
