import { describe, it } from 'vitest'
import { groupScope, subscriptionScope } from '../helpers/state.js'
import {
  addAccount,
  addConnection,
  addIdentity,
  addRole,
  addTrust,
  flagsOf,
  kinds,
  type Maker,
  type StateIdentity
} from './objects.js'
import { play, plainDelete, type Scenario, useStage } from './stage.js'

const stage = useStage()
const account = 'service account default/app'
const secretsReader = '4633458b-17de-408a-b874-0445c86b69e6'
const otherIssuer = 'https://other-cluster.example/'

/** Returns a delete of default/app with these words after the verb. */
const deleteLine = (...words: readonly string[]) => ['sa', 'delete', ...words, '--service-account-name', 'app']

/** Adds a credential with an expression in place of a subject. */
const addFlexible = (identity: StateIdentity, issuer?: string): void => {
  const added = addTrust(stage.state, identity, 'a person', { name: 'flexible', ...(issuer && { issuer }) })
  Object.assign(added, {
    subject: '',
    claimsMatchingExpression: { value: "claims['sub'] matches 'repo:*'", languageVersion: 1 }
  })
}

describe.each(kinds)('azwi serviceaccount delete, %s', kind => {
  const id = `${kind} app-id`
  const reader = `role Reader of ${id} at rg:azwi-sandbox`
  const credential = `credential of ${id} for default/app`
  const whole = [`- ${id}`, `- ${reader}`, `- ${account}`]
  const connection = (by: Maker = 'azwi'): StateIdentity => addConnection(stage.state, kind, by)

  describe('a connection that azwi created', () => {
    it.each<Scenario>([
      { name: 'is deleted whole', arrange: () => void connection(), status: 0, changes: whole },
      {
        name: 'is deleted whole if version 0.1.0 created it',
        arrange: () => void connection('azwi 0.1.0'),
        status: 0,
        changes: whole
      },
      {
        name: 'is deleted with its roles at the subscription and at a resource',
        arrange: () => {
          const identity = connection()
          const vault = `${groupScope(stage.state)}/providers/Microsoft.KeyVault/vaults/vault`
          addRole(stage.state, identity, 'azwi', { scope: subscriptionScope(stage.state) })
          addRole(stage.state, identity, 'azwi', { scope: vault, role: secretsReader })
        },
        status: 0,
        changes: [
          ...whole,
          `- role Reader of ${id} at sub:`,
          `- role Key Vault Secrets User of ${id} at rg:azwi-sandbox/providers/Microsoft.KeyVault/vaults/vault`
        ]
      },
      {
        name: 'is deleted without its credential if somebody deleted the credential, and a flag names the identity',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi')
        },
        line: () => [...plainDelete, ...flagsOf(stage.state, kind)],
        status: 0,
        changes: whole
      },
      {
        name: 'is deleted without its service account if somebody deleted it, and a flag names the identity',
        arrange: () => {
          connection()
          stage.state.cluster.serviceAccounts.delete('default/app')
        },
        line: () => [...plainDelete, ...flagsOf(stage.state, kind)],
        status: 0,
        changes: [`- ${id}`, `- ${reader}`]
      },
      {
        name: 'is deleted without its identity if somebody deleted it',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addAccount(stage.state, identity, 'azwi')
          stage.state.applications.delete(identity.id)
          stage.state.managedIdentities.delete(identity.id.toLowerCase())
          stage.state.servicePrincipals.delete(identity.principalId)
        },
        status: 0,
        changes: [`- ${account}`],
        says: /WARN.*no identity has the client ID/
      },
      {
        name: 'changes nothing in a dry run',
        arrange: () => void connection(),
        line: () => [...plainDelete, '--dry-run'],
        status: 0,
        changes: []
      }
    ])('$name', scenario => play(stage, scenario))
  })

  describe('an identity that azwi did not create', () => {
    it.each<Scenario>([
      {
        name: 'stays, and loses what azwi added: credential and role',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'a person')
          addTrust(stage.state, identity, 'azwi')
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${credential}`, `- ${reader}`, `- ${account}`]
      },
      {
        name: 'stays with the role that a person assigned',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'a person')
          addTrust(stage.state, identity, 'azwi')
          addRole(stage.state, identity, 'a person')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${credential}`, `- ${account}`],
        says: /--role-assignment-id/
      },
      {
        name: 'stays with the credentials of others',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'a person')
          addTrust(stage.state, identity, 'azwi')
          addTrust(stage.state, identity, 'a person', { subject: 'repo:shop/app:ref:refs/heads/main', name: 'github' })
          addTrust(stage.state, identity, 'azwi', { account: 'other' })
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'stays whole with a credential that a person created for this service account',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'a person')
          addTrust(stage.state, identity, 'a person')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 1,
        changes: [],
        says: /trust-app/
      },
      {
        name: 'stays whole if a person connected the service account, too',
        arrange: () => void connection('a person'),
        status: 1,
        changes: []
      }
    ])('$name', scenario => play(stage, scenario))
  })

  describe('an annotation that names an identity of others', () => {
    it.each<Scenario>([
      {
        name: 'deletes nothing of an identity that trusts another service account',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'azwi', { account: 'other' })
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi', { account: 'other' })
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'deletes nothing of an identity that trusts this service account in another cluster',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'azwi', { issuer: otherIssuer })
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'deletes nothing of an identity of another cluster, even if the annotation of the issuer names that cluster',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'azwi', { issuer: otherIssuer })
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi', { annotations: { 'azwi/issuer': otherIssuer } })
        },
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'deletes nothing of an identity that trusts nobody, and keeps the service account that leads to it',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addRole(stage.state, identity, 'azwi')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 1,
        changes: [],
        says: kind === 'application' ? /--aad-application-object-id/ : /--managed-identity-resource-id/
      },
      ...(kind === 'application'
        ? []
        : [
            {
              name: 'deletes nothing if a flexible credential might trust this service account',
              arrange: () => {
                const identity = addIdentity(stage.state, kind, 'azwi')
                addFlexible(identity)
                addRole(stage.state, identity, 'azwi')
                addAccount(stage.state, identity, 'azwi')
              },
              status: 1,
              changes: [],
              says: /the flexible credential flexible might trust this service account/
            },
            {
              name: 'deletes the service account if a flexible credential is for another issuer',
              arrange: () => {
                const identity = addIdentity(stage.state, kind, 'azwi')
                addFlexible(identity, otherIssuer)
                addRole(stage.state, identity, 'azwi')
                addAccount(stage.state, identity, 'azwi')
              },
              status: 0,
              changes: [`- ${account}`]
            }
          ]),
      {
        name: 'deletes nothing of an unmarked identity that trusts nobody',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'a person')
          addRole(stage.state, identity, 'a person')
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'deletes nothing of an identity that trusts a service account with another letter case',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'azwi', { subject: 'system:serviceaccount:default:App', name: 'near-miss' })
          addAccount(stage.state, identity, 'azwi')
        },
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'strips a service account that was copied from another cluster with kubectl',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'azwi', { issuer: otherIssuer })
          const copy = addAccount(stage.state, identity, 'azwi')
          copy.metadata.managedFields.forEach(entry => {
            entry.manager = 'kubectl-client-side-apply'
            entry.operation = 'Update'
          })
        },
        status: 1,
        changes: [],
        says: /kubectl-client-side-apply owns the client ID/
      }
    ])('$name', scenario => play(stage, scenario))
  })

  describe('an identity that others use too', () => {
    it.each<Scenario>([
      {
        name: 'stays with its roles for another service account',
        arrange: () => {
          const identity = connection()
          addTrust(stage.state, identity, 'azwi', { account: 'other' })
          addAccount(stage.state, identity, 'azwi', { account: 'other' })
        },
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'stays for a service account of another namespace',
        arrange: () => void addTrust(stage.state, connection(), 'azwi', { namespace: 'team' }),
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'stays for the same service account in another cluster',
        arrange: () => void addTrust(stage.state, connection(), 'azwi', { issuer: otherIssuer }),
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'stays with a role that a person assigned, for another service account',
        arrange: () => {
          const identity = connection()
          addTrust(stage.state, identity, 'azwi', { account: 'other' })
          addRole(stage.state, identity, 'a person', { scope: subscriptionScope(stage.state) })
        },
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'stays with --force for another service account',
        arrange: () => void addTrust(stage.state, connection(), 'azwi', { account: 'other' }),
        line: () => [...plainDelete, '--force'],
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      }
    ])('$name', scenario => play(stage, scenario))
  })

  describe('what people added to an identity of azwi', () => {
    const additions: readonly {
      readonly name: string
      readonly add: (identity: StateIdentity) => void
      readonly left?: string[]
    }[] = [
      {
        name: 'a role assignment',
        add: identity => void addRole(stage.state, identity, 'a person', { scope: subscriptionScope(stage.state) })
      },
      {
        name: 'a credential for GitHub',
        add: identity =>
          void addTrust(stage.state, identity, 'a person', { subject: 'repo:a/b:ref:refs/heads/x', name: 'github' })
      },
      {
        name: 'a flexible credential',
        add: identity => {
          addFlexible(identity)
        }
      },
      ...(kind === 'managed identity'
        ? []
        : [
            {
              name: 'a client secret',
              add: ({ application }: StateIdentity) => {
                application!.otherProperties.passwordCredentials = [{ keyId: '1', displayName: 'of a person' }]
              }
            },
            {
              name: 'a certificate',
              add: ({ application }: StateIdentity) => {
                application!.otherProperties.keyCredentials = [{ keyId: '1', displayName: 'of a person' }]
              }
            },
            {
              name: 'a client secret of the service principal',
              add: ({ principalId }: StateIdentity) => {
                stage.state.servicePrincipals.get(principalId)!.otherProperties.passwordCredentials = [{ keyId: '1' }]
              }
            },
            {
              name: 'a redirect URI of a web app',
              add: ({ application }: StateIdentity) => {
                application!.otherProperties.web = { redirectUris: ['https://app.example/login'] }
              }
            },
            {
              name: 'a redirect URI of a single-page app',
              add: ({ application }: StateIdentity) => {
                application!.otherProperties.spa = { redirectUris: ['https://app.example/login'] }
              }
            },
            {
              name: 'a redirect URI of a desktop app',
              add: ({ application }: StateIdentity) => {
                application!.otherProperties.publicClient = { redirectUris: ['http://localhost'] }
              }
            },
            {
              name: 'an identifier URI',
              add: ({ application }: StateIdentity) => void application!.identifierUris.push('api://app')
            }
          ])
    ]
    it.each(additions)('stop delete: $name', ({ name, add }) =>
      play(stage, {
        name: '',
        arrange: () => {
          add(connection())
        },
        status: 1,
        changes: [],
        // Graph's list of credentials breaks off at a flexible one, so it is unknown what an application trusts.
        ...(kind === 'application' && name.includes('flexible') ? {} : { says: /--force/ })
      })
    )
  })

  describe('flags that narrow the roles', () => {
    const atGroup = ['--azure-role', 'Reader', '--azure-scope', 'rg:azwi-sandbox'] as const
    const foreign = () => {
      const identity = addIdentity(stage.state, kind, 'azwi')
      addTrust(stage.state, identity, 'azwi', { account: 'other' })
      addRole(stage.state, identity, 'azwi')
      addAccount(stage.state, identity, 'azwi')
    }
    const twoRoles = () => {
      const identity = connection()
      addRole(stage.state, identity, 'azwi', { scope: subscriptionScope(stage.state) })
      return identity
    }
    const atSubscription = `role Reader of ${id} at sub:`

    it.each<Scenario>([
      {
        name: 'do not delete a role of an identity that does not trust the service account',
        arrange: foreign,
        line: () => [...plainDelete, ...atGroup],
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'do not delete a role of an identity that does not trust the service account, in the phase by itself',
        arrange: foreign,
        line: () => [...deleteLine('phase', 'role-assignment'), ...atGroup],
        status: 0,
        changes: []
      },
      {
        name: 'do not delete a role of an identity that others use too',
        arrange: () => void addTrust(stage.state, connection(), 'azwi', { account: 'other' }),
        line: () => [...plainDelete, '--grant', 'Reader=rg:azwi-sandbox'],
        status: 0,
        changes: [`- ${credential}`, `- ${account}`]
      },
      {
        name: 'delete one role in the phase by itself',
        arrange: () => void twoRoles(),
        line: () => [...deleteLine('phase', 'role-assignment'), ...atGroup],
        status: 0,
        changes: [`- ${reader}`]
      },
      {
        name: 'delete all roles if the identity is deleted too',
        arrange: () => void twoRoles(),
        line: () => [...plainDelete, ...atGroup],
        status: 0,
        changes: [...whole, `- ${atSubscription}`]
      },
      {
        name: 'delete all roles and the one that --role-assignment-id names if the identity is deleted too',
        arrange: () => void addRole(stage.state, twoRoles(), 'a person', { role: secretsReader }),
        line: () => [
          ...plainDelete,
          '--role-assignment-id',
          [...stage.state.roleAssignments.values()].find(({ roleDefinitionId }) =>
            roleDefinitionId.endsWith(secretsReader)
          )!.id
        ],
        status: 0,
        changes: [...whole, `- ${atSubscription}`, `- role Key Vault Secrets User of ${id} at rg:azwi-sandbox`]
      },
      {
        name: 'do not let --role-assignment-id delete another role of a person',
        arrange: () => {
          const identity = connection()
          addRole(stage.state, identity, 'a person', { role: secretsReader })
          addRole(stage.state, identity, 'a person', { scope: subscriptionScope(stage.state) })
        },
        line: () => [
          ...plainDelete,
          '--role-assignment-id',
          [...stage.state.roleAssignments.values()].find(({ roleDefinitionId }) =>
            roleDefinitionId.endsWith(secretsReader)
          )!.id
        ],
        status: 1,
        changes: []
      }
    ])('$name', scenario => play(stage, scenario))
  })

  describe('a single phase', () => {
    it.each<Scenario>([
      {
        name: 'deletes the credential only',
        arrange: () => void connection(),
        line: () => deleteLine('phase', 'federated-identity'),
        status: 0,
        changes: [`- ${credential}`]
      },
      {
        name: 'keeps a credential that a person created',
        arrange: () => {
          const identity = addIdentity(stage.state, kind, 'azwi')
          addTrust(stage.state, identity, 'a person')
          addAccount(stage.state, identity, 'azwi')
        },
        line: () => deleteLine('phase', 'federated-identity'),
        status: 1,
        changes: []
      },
      {
        name: 'deletes the roles only',
        arrange: () => void connection(),
        line: () => deleteLine('phase', 'role-assignment'),
        status: 0,
        changes: [`- ${reader}`]
      },
      {
        name: 'deletes the identity with its credentials only',
        arrange: () => void connection(),
        line: () => deleteLine('phase', kind === 'application' ? 'aad-application' : 'managed-identity', '--force'),
        status: 0,
        changes: [`- ${id}`]
      },
      {
        name: 'keeps an identity whose roles would be orphaned',
        arrange: () => void connection(),
        line: () => deleteLine('phase', kind === 'application' ? 'aad-application' : 'managed-identity'),
        status: 1,
        changes: []
      },
      {
        name: 'keeps an identity that people added to',
        arrange: () =>
          void addTrust(stage.state, connection(), 'a person', {
            subject: 'repo:a/b:ref:refs/heads/x',
            name: 'github'
          }),
        line: () => deleteLine('phase', kind === 'application' ? 'aad-application' : 'managed-identity'),
        status: 1,
        changes: []
      },
      {
        name: 'deletes the service account only',
        arrange: () => void connection(),
        line: () => deleteLine('phase', 'service-account'),
        status: 0,
        changes: [`- ${account}`]
      },
      {
        name: 'keeps the service account if it is skipped',
        arrange: () => void connection(),
        line: () => [...plainDelete, '--skip-phases', 'sa'],
        status: 0,
        changes: whole.slice(0, 2)
      },
      {
        name: 'keeps the identity if it is skipped, but not its credential and roles',
        arrange: () => void connection(),
        line: () => [...plainDelete, '--skip-phases', 'app,mi'],
        status: 0,
        changes: [`- ${credential}`, `- ${reader}`, `- ${account}`]
      }
    ])('$name', scenario => play(stage, scenario))
  })
})
