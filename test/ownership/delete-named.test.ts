import { describe, expect, it } from 'vitest'
import { addResourceGroup, identityId } from '../helpers/managed-identity.js'
import {
  addAccount,
  addConnection,
  addIdentity,
  addRole,
  addTrust,
  derivedName,
  flagsOf,
  kinds,
  type StateIdentity
} from './objects.js'
import { play, plainDelete, type Scenario, useStage } from './stage.js'

const stage = useStage()
const account = 'service account default/app'

describe.each(kinds)('delete with flags that name the %s', kind => {
  const id = `${kind} app-id`
  const other = `${kind} other-id`
  const named = (name: string) => () => [...plainDelete, ...flagsOf(stage.state, kind, name)]
  const connected = (): StateIdentity => addConnection(stage.state, kind)

  it.each<Scenario>([
    {
      name: 'deletes the connection if they name its identity',
      arrange: () => void connected(),
      line: named('app-id'),
      status: 0,
      changes: [`- ${id}`, `- role Reader of ${id} at rg:azwi-sandbox`, `- ${account}`]
    },
    {
      name: 'deletes nothing if they name an unrelated identity that azwi did not create',
      arrange: () => {
        connected()
        addRole(stage.state, addIdentity(stage.state, kind, 'a person', 'other-id'), 'azwi')
      },
      line: named('other-id'),
      status: 1,
      changes: [],
      says: /the service account is connected to/
    },
    {
      name: 'deletes nothing if they name an identity that does not exist',
      arrange: () => void connected(),
      line: named('other-id'),
      status: 1,
      changes: []
    },
    {
      name: 'deletes what an earlier connection left behind, and keeps the present one',
      arrange: () => {
        connected()
        const earlier = addIdentity(stage.state, kind, 'azwi', 'other-id')
        addTrust(stage.state, earlier, 'azwi')
        addRole(stage.state, earlier, 'azwi')
      },
      line: named('other-id'),
      status: 0,
      changes: [`- ${other}`, `- role Reader of ${other} at rg:azwi-sandbox`]
    },
    {
      name: 'deletes only the credential that an earlier connection left on an identity of others',
      arrange: () => {
        connected()
        addTrust(stage.state, addIdentity(stage.state, kind, 'a person', 'other-id'), 'azwi')
      },
      line: named('other-id'),
      status: 0,
      changes: [`- credential of ${other} for default/app`]
    },
    {
      name: 'deletes nothing of an identity with the mark that another service account uses',
      arrange: () => {
        connected()
        const theirs = addIdentity(stage.state, kind, 'azwi', 'other-id')
        addTrust(stage.state, theirs, 'azwi', { account: 'other' })
        addRole(stage.state, theirs, 'azwi')
      },
      line: named('other-id'),
      status: 0,
      changes: []
    },
    {
      name: 'deletes what people added to an earlier identity only with --force',
      arrange: () => {
        connected()
        const earlier = addIdentity(stage.state, kind, 'azwi', 'other-id')
        addTrust(stage.state, earlier, 'azwi')
        addTrust(stage.state, earlier, 'a person', { subject: 'repo:a/b:ref:refs/heads/x', name: 'github' })
      },
      line: named('other-id'),
      status: 1,
      changes: []
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('delete without an annotation', () => {
  const derived = (by: 'azwi' | 'a person' | 'the Go azwi' = 'azwi') =>
    addIdentity(stage.state, 'application', by, derivedName(stage.state))

  it.each<Scenario>([
    {
      name: 'deletes the application with the derived name and its role, which an interrupted create left',
      arrange: () => void addRole(stage.state, derived(), 'azwi'),
      status: 0,
      changes: ['- application default-app', '- role Reader of application default-app at rg:azwi-sandbox']
    },
    {
      name: 'deletes the application with the derived name and its credential',
      arrange: () => void addTrust(stage.state, derived(), 'azwi'),
      status: 0,
      changes: ['- application default-app']
    },
    {
      name: 'deletes the application with the derived name if the service account is not annotated yet',
      arrange: () => {
        addTrust(stage.state, derived(), 'azwi')
        addAccount(stage.state, undefined, 'a person')
      },
      status: 0,
      changes: ['- application default-app']
    },
    {
      name: 'keeps an application that a person registered under the derived name',
      arrange: () => void addRole(stage.state, derived('a person'), 'a person'),
      status: 0,
      changes: []
    },
    {
      name: 'keeps an application with the derived name and the mark that trusts others',
      arrange: () =>
        void addTrust(stage.state, derived(), 'a person', { subject: 'repo:a/b:ref:refs/heads/x', name: 'github' }),
      status: 0,
      changes: []
    },
    {
      name: 'keeps an application with the derived name and a forged mark that has a client secret',
      arrange: () => {
        derived().application!.otherProperties.passwordCredentials = [{ keyId: '1' }]
      },
      status: 1,
      changes: []
    },
    {
      name: 'keeps one of two applications with the derived name',
      arrange: () => {
        addIdentity(stage.state, 'application', 'a person', derivedName(stage.state))
        addIdentity(stage.state, 'application', 'a person', derivedName(stage.state))
      },
      status: 1,
      changes: []
    },
    {
      name: 'finds an application that somebody renamed by its unique name',
      arrange: () => {
        const identity = derived()
        addTrust(stage.state, identity, 'azwi')
        Object.assign(identity.application!, { displayName: 'Payments (production)' })
      },
      status: 0,
      changes: ['- application Payments (production)']
    },
    {
      name: 'does nothing if nothing exists',
      arrange: () => undefined,
      status: 0,
      changes: []
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('an application that somebody renamed', () => {
  it('is found by the annotation, and deleted', () =>
    play(stage, {
      name: '',
      arrange: () => {
        const identity = addConnection(stage.state, 'application')
        Object.assign(identity.application!, { displayName: 'Payments (production)' })
        stage.state.servicePrincipals.get(identity.principalId)!.displayName = 'Payments (production)'
      },
      status: 0,
      changes: [
        '- application Payments (production)',
        '- role Reader of application Payments (production) at rg:azwi-sandbox',
        `- ${account}`
      ]
    }))
})

describe('the hint of a service account to its managed identity', () => {
  const hinted = (hint: string) => {
    stage.state.cluster.serviceAccounts.get('default/app')!.metadata.annotations!['azwi/managed-identity'] = hint
  }
  const whole = [
    '- managed identity app-id',
    '- role Reader of managed identity app-id at rg:azwi-sandbox',
    `- ${account}`
  ]

  it.each<Scenario>([
    {
      name: 'does not delete the managed identity that it names if that one has another client ID',
      arrange: () => {
        addConnection(stage.state, 'managed identity')
        const theirs = addIdentity(stage.state, 'managed identity', 'azwi', 'other-id')
        addTrust(stage.state, theirs, 'azwi')
        addRole(stage.state, theirs, 'azwi')
        hinted(identityId(stage.state, 'other-id'))
      },
      status: 0,
      changes: whole
    },
    ...[
      'x',
      '/subscriptions/x',
      '../../../etc/passwd',
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/a?b=c/providers/Microsoft.ManagedIdentity/userAssignedIdentities/abc',
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/gone/providers/Microsoft.ManagedIdentity/userAssignedIdentities/abc'
    ].map((hint): Scenario => ({
      name: `is ignored if it is ${JSON.stringify(hint)}`,
      arrange: () => {
        addConnection(stage.state, 'managed identity')
        hinted(hint)
      },
      status: 0,
      changes: whole
    })),
    {
      name: 'is ignored if it names a managed identity that does not exist',
      arrange: () => {
        addConnection(stage.state, 'managed identity')
        hinted(identityId(stage.state, 'nothing'))
      },
      status: 0,
      changes: whole
    },
    {
      name: 'is ignored if the client ID is that of an application',
      arrange: () => {
        addConnection(stage.state, 'application')
        addTrust(stage.state, addIdentity(stage.state, 'managed identity', 'azwi', 'other-id'), 'azwi')
        hinted(identityId(stage.state, 'other-id'))
      },
      status: 0,
      changes: ['- application app-id', '- role Reader of application app-id at rg:azwi-sandbox', `- ${account}`]
    }
  ])('$name', scenario => play(stage, scenario))

  it('makes the directory and the list of identities unnecessary', async () => {
    addConnection(stage.state, 'managed identity')
    stage.deny((service, { path }) => service === 'graph' || path.endsWith('/userAssignedIdentities'))
    const { status, changes, stderr } = await stage.attempt(plainDelete)
    expect({ status, changes }, stderr).toEqual({ status: 0, changes: whole.toSorted() })
  })

  it('leads to a managed identity of another resource group', async () => {
    addResourceGroup(stage.state, 'elsewhere')
    const identity = addConnection(stage.state, 'managed identity')
    const moved = identity.id.replace('azwi-sandbox', 'elsewhere')
    stage.state.managedIdentities.delete(identity.id.toLowerCase())
    Object.assign(identity.managedIdentity!, { id: moved, resourceGroup: 'elsewhere' })
    stage.state.managedIdentities.set(moved.toLowerCase(), identity.managedIdentity!)
    hinted(moved)
    const { status, changes, stderr } = await stage.attempt(plainDelete)
    expect({ status, changes }, stderr).toEqual({ status: 0, changes: whole.toSorted() })
  })
})

describe('a client ID that nobody has', () => {
  it.each<Scenario>([
    ...['not-a-guid', '', '00000000-0000-0000-0000-000000000000'].map((clientId): Scenario => ({
      name: `lets delete remove the service account: ${JSON.stringify(clientId)}`,
      arrange: () => {
        const { metadata } = addAccount(stage.state, addIdentity(stage.state, 'application', 'azwi'), 'azwi')
        metadata.annotations!['azure.workload.identity/client-id'] = clientId
      },
      status: 0,
      changes: [`- ${account}`]
    })),
    {
      name: 'stops delete if the application belongs to another tenant',
      arrange: () => {
        const identity = addConnection(stage.state, 'application')
        stage.state.applications.delete(identity.id)
        stage.state.servicePrincipals.get(identity.principalId)!.appOwnerOrganizationId =
          '11111111-2222-4333-8444-555555555555'
      },
      status: 1,
      changes: []
    },
    {
      name: 'stops delete if the service account is connected in another tenant',
      arrange: () => {
        addConnection(stage.state, 'application')
        stage.state.cluster.serviceAccounts.get('default/app')!.metadata.annotations![
          'azure.workload.identity/tenant-id'
        ] = '11111111-2222-4333-8444-555555555555'
      },
      status: 1,
      changes: [],
      says: /--tenant-id 11111111/
    },
    {
      name: 'is compared without regard to letter case and white space',
      arrange: () => {
        const identity = addConnection(stage.state, 'application')
        stage.state.cluster.serviceAccounts.get('default/app')!.metadata.annotations![
          'azure.workload.identity/client-id'
        ] = ` ${identity.clientId.toUpperCase()} `
      },
      status: 0,
      changes: ['- application app-id', '- role Reader of application app-id at rg:azwi-sandbox', `- ${account}`]
    }
  ])('$name', scenario => play(stage, scenario))
})
