import { describe, expect, it } from 'vitest'
import type { Denial } from '../../sandbox/src/state.js'
import { groupScope } from '../helpers/state.js'
import { addConnection, addRole, kinds, type Kind } from './objects.js'
import { play, plainDelete, type Scenario, useStage } from './stage.js'

const stage = useStage()
const account = 'service account default/app'
const wholeOf = (kind: Kind) => [
  `- ${kind} app-id`,
  `- role Reader of ${kind} app-id at rg:azwi-sandbox`,
  `- ${account}`
]
const refuse = (service: string, path: string | RegExp) => {
  stage.deny((asked, request) => asked === service && new RegExp(path).test(`${request.method} ${request.path}`))
}
const denied = (...denials: Denial[]) => {
  for (const denial of denials) stage.state.denied.add(denial)
}

describe.each(kinds)('a look-up that is not allowed stops delete, %s', kind => {
  const service = kind === 'application' ? 'graph' : 'arm'
  it.each<readonly [string, () => void]>([
    ['the service account', () => stage.state.cluster.denied.add('get serviceaccounts')],
    [
      'the issuer',
      () => {
        refuse('kubernetes', 'openid-configuration')
      }
    ],
    [
      'the credentials',
      () => {
        refuse(service, 'GET .*/federatedIdentityCredentials$')
      }
    ],
    [
      'the role assignments',
      () => {
        denied('Microsoft.Authorization/roleAssignments/read')
      }
    ],
    [
      'everything in Azure',
      () => {
        denied('graph reads', 'arm reads')
      }
    ],
    ...(kind === 'application'
      ? ([
          [
            'the application',
            () => {
              refuse('graph', 'GET /v1.0/applications$')
            }
          ],
          [
            'the service principal',
            () => {
              refuse('graph', 'GET /v1.0/servicePrincipals$')
            }
          ],
          [
            'the directory',
            () => {
              denied('graph reads')
            }
          ]
        ] as const)
      : [])
  ])('%s', async (_, deny) => {
    addConnection(stage.state, kind)
    deny()
    const { status, changes, stderr } = await stage.attempt(plainDelete)
    expect({ status, changes }, stderr).toEqual({ status: 1, changes: [] })
    stage.state.denied.clear()
    stage.state.cluster.denied.clear()
    stage.test.fault(async (_request, _service, next) => next())
    const again = await stage.attempt(plainDelete)
    expect({ status: again.status, changes: again.changes }, again.stderr).toEqual({
      status: 0,
      changes: wholeOf(kind).toSorted()
    })
  })
})

describe.each(kinds)('a service that does not answer stops delete, %s', kind => {
  it.each(['graph', 'arm', 'kubernetes', 'entra'])('%s', async broken => {
    // Resource Graph and ARM need no directory for a managed identity.
    if (kind === 'managed identity' && broken === 'graph') return
    addConnection(stage.state, kind)
    stage.test.fault(async (_, service, next) => (service === broken ? { status: 503, body: 'unavailable' } : next()))
    const { status, changes, stderr } = await stage.attempt([...plainDelete, '--timeout', '10s'])
    expect({ status, changes }, stderr).toEqual({ status: 1, changes: [] })
  })
})

describe('a look-up that nothing depends on', () => {
  it.each<Scenario>([
    {
      name: 'of managed identities is not needed for an application',
      arrange: () => {
        addConnection(stage.state, 'application')
        denied('Microsoft.ManagedIdentity/userAssignedIdentities/read')
      },
      status: 0,
      changes: wholeOf('application')
    },
    {
      name: 'of what people added to an application is a warning',
      arrange: () => {
        addConnection(stage.state, 'application')
        refuse('graph', 'GET /v1.0/applications/[^/]+$')
      },
      status: 0,
      changes: wholeOf('application'),
      says: /WARN.*could not check what people have added/
    },
    {
      name: 'of the secrets of a service principal is a warning',
      arrange: () => {
        addConnection(stage.state, 'application')
        refuse('graph', 'GET /v1.0/servicePrincipals/[^/]+$')
      },
      status: 0,
      changes: wholeOf('application'),
      says: /WARN.*could not check what people have added/
    },
    {
      name: 'of the resources that use a managed identity is a warning',
      arrange: () => {
        addConnection(stage.state, 'managed identity')
        denied('Microsoft.ManagedIdentity/userAssignedIdentities/listAssociatedResources/action')
      },
      status: 0,
      changes: wholeOf('managed identity'),
      says: /WARN.*could not check which resources use the managed identity/
    },
    ...[
      { status: 404, body: { error: { code: 'InvalidResourceType', message: 'not in this version' } } },
      { status: 400, body: { error: { code: 'NoRegisteredProviderFound', message: 'not in this version' } } },
      { status: 400, body: { error: { code: 'InvalidApiVersionParameter', message: 'not in this cloud' } } },
      { status: 405, body: { error: { code: 'MethodNotAllowed', message: 'no' } } }
    ].map((answer): Scenario => ({
      name: `of the resources that use a managed identity may be missing: ${answer.body.error.code}`,
      arrange: () => {
        addConnection(stage.state, 'managed identity')
        stage.test.fault(async (request, _, next) =>
          request.path.endsWith('/listAssociatedResources') ? answer : next()
        )
      },
      status: 0,
      changes: wholeOf('managed identity')
    })),
    {
      name: 'of the subscriptions is a warning',
      arrange: () => {
        addConnection(stage.state, 'application')
        refuse('arm', 'GET /subscriptions$')
      },
      status: 0,
      changes: wholeOf('application'),
      says: /WARN.*could not list the subscriptions/
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('a managed identity without a hint', () => {
  const connection = () => void addConnection(stage.state, 'managed identity', 'azwi 0.1.0')
  it.each<Scenario>([
    {
      name: 'is found in the subscription without the directory',
      arrange: () => {
        connection()
        denied('graph reads')
        refuse('arm', 'POST .*ResourceGraph')
      },
      status: 0,
      changes: wholeOf('managed identity')
    },
    {
      name: 'is found by the directory without the list of the subscription',
      arrange: () => {
        connection()
        refuse('arm', 'GET /subscriptions/[^/]+/providers/Microsoft.ManagedIdentity/userAssignedIdentities$')
      },
      status: 0,
      changes: wholeOf('managed identity')
    },
    {
      name: 'is found by Resource Graph without the directory and the list of the subscription',
      arrange: () => {
        connection()
        denied('graph reads')
        refuse('arm', 'GET /subscriptions/[^/]+/providers/Microsoft.ManagedIdentity/userAssignedIdentities$')
      },
      status: 0,
      changes: wholeOf('managed identity')
    },
    {
      name: 'is unknown if none of the three may be read',
      arrange: () => {
        connection()
        denied('graph reads')
        refuse(
          'arm',
          'GET /subscriptions/[^/]+/providers/Microsoft.ManagedIdentity/userAssignedIdentities$|ResourceGraph'
        )
      },
      status: 1,
      changes: []
    },
    {
      name: 'is unknown if Resource Graph shows nothing and the directory may not be read',
      arrange: () => {
        connection()
        const [identity] = stage.state.managedIdentities.values()
        stage.state.managedIdentities.clear()
        stage.state.deletedManagedIdentities.clear()
        stage.state.servicePrincipals.delete(identity!.principalId)
        denied('graph reads')
      },
      status: 1,
      changes: []
    },
    {
      name: 'is gone if the directory has no service principal with its client ID',
      arrange: () => {
        connection()
        const [identity] = stage.state.managedIdentities.values()
        stage.state.managedIdentities.clear()
        stage.state.servicePrincipals.delete(identity!.principalId)
        stage.state.roleAssignments.clear()
      },
      status: 0,
      changes: [`- ${account}`]
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('several subscriptions', () => {
  const second = '22222222-3333-4444-8555-666666666666'
  const addSubscription = () => {
    const [first] = stage.state.subscriptions.values()
    stage.state.subscriptions.set(second, { ...first!, id: second })
    stage.state.resourceGroups.set(`${second}/data`, {
      subscriptionId: second,
      name: 'data',
      location: 'westeurope',
      tags: {}
    })
  }
  const groupOfSecond = `/subscriptions/${second}/resourceGroups/data`

  it.each<Scenario>([
    ...kinds.flatMap((kind): Scenario[] => [
      {
        name: `role assignments of azwi are deleted in all of them, ${kind}`,
        arrange: () => {
          addSubscription()
          addRole(stage.state, addConnection(stage.state, kind), 'azwi', { scope: groupOfSecond })
        },
        status: 0,
        changes: [...wholeOf(kind), `- role Reader of ${kind} app-id at rg:data`]
      },
      {
        name: `a role assignment of a person in another one stops delete, ${kind}`,
        arrange: () => {
          addSubscription()
          addRole(stage.state, addConnection(stage.state, kind), 'a person', { scope: groupOfSecond })
        },
        status: 1,
        changes: [],
        says: new RegExp(second)
      },
      {
        name: `the role assignments of one that may not be read are a warning, ${kind}`,
        arrange: () => {
          addSubscription()
          addConnection(stage.state, kind)
          denied(`Microsoft.Authorization/roleAssignments/read /subscriptions/${second}`)
        },
        status: 0,
        changes: wholeOf(kind),
        says: new RegExp(`WARN.*${second}`)
      }
    ]),
    ...(['azwi', 'azwi 0.1.0'] as const).map((by): Scenario => ({
      name: `a managed identity in another one is found and deleted, ${by}`,
      arrange: () => {
        addSubscription()
        stage.state.resourceGroups.set(`${second}/data`, { name: 'data', location: 'westeurope', tags: {} })
        const { managedIdentity, id, principalId } = addConnection(stage.state, 'managed identity', by)
        const moved = `/subscriptions/${second}/resourcegroups/data/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app-id`
        stage.state.managedIdentities.delete(id.toLowerCase())
        Object.assign(managedIdentity!, { id: moved, resourceGroup: 'data' })
        stage.state.managedIdentities.set(moved.toLowerCase(), managedIdentity!)
        stage.state.servicePrincipals.get(principalId)!.alternativeNames = ['isExplicit=True', moved]
        const { annotations } = stage.state.cluster.serviceAccounts.get('default/app')!.metadata
        if (annotations!['azwi/managed-identity'] !== undefined) annotations!['azwi/managed-identity'] = moved
      },
      status: 0,
      changes: wholeOf('managed identity')
    }))
  ])('$name', scenario => play(stage, scenario))
})

describe('a resource that uses the managed identity', () => {
  it('stops delete, and --force goes on', async () => {
    const { id } = addConnection(stage.state, 'managed identity')
    const vm = `${groupScope(stage.state)}/providers/Microsoft.Compute/virtualMachines/vm`
    stage.state.resources.set(vm.toLowerCase(), { id: vm, location: 'westeurope', userAssignedIdentities: [id] })
    const { status, changes, stderr } = await stage.attempt(plainDelete)
    expect({ status, changes }, stderr).toEqual({ status: 1, changes: [] })
    expect(stderr).toMatch(/virtualMachines\/vm uses it/)
    const forced = await stage.attempt([...plainDelete, '--force'])
    expect({ status: forced.status, changes: forced.changes }).toEqual({
      status: 0,
      changes: wholeOf('managed identity').toSorted()
    })
  })
})

describe('a role assignment at a management group above the subscription', () => {
  const scope = () => `/providers/Microsoft.Management/managementGroups/${stage.state.tenantId}`

  it.each<Scenario>(
    kinds.flatMap(kind => [
      {
        name: `is deleted if azwi created it, ${kind}`,
        arrange: () => void addRole(stage.state, addConnection(stage.state, kind), 'azwi', { scope: scope() }),
        status: 0,
        changes: [...wholeOf(kind), `- role Reader of ${kind} app-id at mg:root`]
      },
      {
        name: `stops delete if a person created it, ${kind}`,
        arrange: () => void addRole(stage.state, addConnection(stage.state, kind), 'a person', { scope: scope() }),
        status: 1,
        changes: [],
        says: /managementGroups/
      }
    ])
  )('$name', scenario => play(stage, scenario))
})
