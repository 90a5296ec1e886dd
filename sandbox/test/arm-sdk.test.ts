import { AuthorizationManagementClient } from '@azure/arm-authorization'
import { ManagedServiceIdentityClient } from '@azure/arm-msi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})

afterAll(async () => {
  await sandbox.close()
})

/** Returns a credential, and options with the endpoint and the CA of the sandbox, for a client of Azure's SDK. */
function options(): {
  credential: { getToken: () => Promise<{ token: string; expiresOnTimestamp: number }> }
  client: object
} {
  const { state, caPem } = sandbox
  return {
    credential: {
      getToken: async () => ({
        token: await state.accessTokens.issue(
          { appId: state.operator.clientId, objectId: state.operator.objectId },
          'https://management.azure.com/'
        ),
        expiresOnTimestamp: Date.now() + 3_600_000
      })
    },
    client: { endpoint: state.endpoints.arm, tlsOptions: { ca: caPem }, retryOptions: { maxRetries: 0 } }
  }
}

describe('the clients of the Azure SDK', () => {
  it('create a managed identity, assign a role to it, and delete both', async () => {
    const { state } = sandbox
    const { credential, client } = options()
    const identities = new ManagedServiceIdentityClient(credential, state.subscriptionId, client)
    const identity = await identities.userAssignedIdentities.createOrUpdate('azwi-sandbox', 'mine', {
      location: 'westeurope'
    })
    await identities.federatedIdentityCredentials.createOrUpdate('azwi-sandbox', 'mine', 'kubernetes', {
      issuer: 'https://issuer/',
      subject: 'system:serviceaccount:a:b',
      audiences: ['api://AzureADTokenExchange']
    })
    const credentials = []
    for await (const each of identities.federatedIdentityCredentials.list('azwi-sandbox', 'mine'))
      credentials.push(each)
    expect(credentials).toMatchObject([{ name: 'kubernetes', subject: 'system:serviceaccount:a:b' }])

    const scope = `/subscriptions/${state.subscriptionId}/resourceGroups/azwi-sandbox`
    const roles = new AuthorizationManagementClient(credential, state.subscriptionId, client)
    const found = []
    for await (const role of roles.roleDefinitions.list(scope, { filter: "roleName eq 'reader'" })) found.push(role)
    expect(found).toHaveLength(1)
    const assignment = {
      roleDefinitionId: found[0]!.id!,
      principalId: identity.principalId!,
      principalType: 'ServicePrincipal'
    }
    const name = '10000000-0000-0000-0000-000000000000'
    expect((await roles.roleAssignments.create(scope, name, assignment)).scope).toBe(scope)
    await expect(roles.roleAssignments.create(scope, name.replace('1', '2'), assignment)).rejects.toMatchObject({
      statusCode: 409,
      code: 'RoleAssignmentExists'
    })
    const assignments = []
    for await (const each of roles.roleAssignments.listForSubscription({
      filter: `principalId eq '${identity.principalId!}'`
    }))
      assignments.push(each)
    expect(assignments.map(each => each.name)).toEqual([name])
    await roles.roleAssignments.delete(scope, name)
    await identities.userAssignedIdentities.delete('azwi-sandbox', 'mine')
    expect([state.managedIdentities.size, state.roleAssignments.size]).toEqual([0, 0])
  })
})
