import type { State } from '../../sandbox/src/state.js'
import { runOptions } from '../../src/config/options/run.js'
import { addApplication, addServiceAccount, groupScope } from '../helpers/state.js'
import type { FlowUnderTest, Line } from './flows.js'

/** A flow whose requests get misleading answers. The verb `refused` is for those that azwi refuses without a fault too. */
export interface MisledFlow extends FlowUnderTest {
  readonly verb: 'create' | 'delete' | 'apply' | 'prune' | 'refused'
  /** Command lines that delete what the flow creates, however far it came. */
  readonly undo?: (state: State) => readonly (readonly string[] | Line)[]
}

const account = ['--service-account-name', 'app', '--service-account-namespace', 'team']
const managedIdentity = ['--managed-identity-name', 'app-identity', '--managed-identity-resource-group', 'azwi-sandbox']
const role = (state: State) => ['--azure-role', 'Reader', '--azure-scope', groupScope(state)]

/** Adds a namespace, and in it a service account of others, which no flow may change. */
const addTeam = (state: State): void => {
  addServiceAccount(state, 'theirs', { labels: { team: 'blue' } })
  state.cluster.namespaces.set('team', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: 'team',
      uid: state.uuid(),
      resourceVersion: state.cluster.nextResourceVersion(),
      creationTimestamp: '2024-01-02T03:04:05Z',
      managedFields: []
    }
  })
}

const create = (identity: readonly string[]) => (state: State) => [
  'sa',
  'create',
  ...account,
  ...identity,
  ...role(state)
]
const remove = (identity: readonly string[]) => () => ['sa', 'delete', ...account, ...identity]

const identities = {
  application: 'application: { name: app-identity }',
  'managed identity': 'managedIdentity: { name: app-identity, resourceGroup: azwi-sandbox }'
} as const
const nameFlags = {
  application: ['--aad-application-name', 'app-identity'],
  'managed identity': managedIdentity
} as const

const apply = (text: string, ...flags: readonly string[]): Line => ({
  words: ['sa', 'apply', '-f', '-', ...flags],
  stdin: text
})
const workloads = (names: readonly string[], identity: string): string =>
  [
    'set: team',
    'defaults:',
    '  namespace: team',
    "  roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }]",
    `workloads: [${names.map(name => `{ name: ${name}, identity: { ${identity} } }`).join(', ')}]`
  ].join('\n')

const asksBeforePrune = (runOptions.yes.verbs as readonly string[]).includes('apply')
const prune = ['--prune', ...(asksBeforePrune ? ['--yes'] : [])]

const flowsOf = (kind: keyof typeof identities): MisledFlow[] => {
  const identityFlags = kind === 'application' ? [] : managedIdentity
  const other = identities[kind].replace('app-identity', 'other-identity')
  const both = `${workloads(['app'], identities[kind]).slice(0, -1)}, { name: other, identity: { ${other} } }]`
  return [
    {
      name: `create, ${kind}`,
      verb: 'create',
      prepare: addTeam,
      before: () => [],
      line: create(identityFlags),
      undo: () => [remove(identityFlags)()]
    },
    {
      name: `delete, ${kind}`,
      verb: 'delete',
      prepare: addTeam,
      before: state => [create(identityFlags)(state)],
      line: remove([])
    },
    {
      name: `apply, ${kind}`,
      verb: 'apply',
      prepare: addTeam,
      before: () => [],
      line: () => apply(workloads(['app'], identities[kind])),
      undo: () => [remove(nameFlags[kind])()]
    },
    {
      name: `prune, ${kind}`,
      verb: 'prune',
      prepare: addTeam,
      before: () => [apply(both)],
      line: () => apply(workloads(['app'], identities[kind]), ...prune)
    }
  ]
}

/** Adds a client secret, which only a person can have added, to all applications. */
const addSecrets = (state: State): void => {
  for (const application of state.applications.values())
    application.otherProperties.passwordCredentials = [{ keyId: state.uuid(), displayName: 'by a person' }]
}

/** Adds a virtual machine that uses all managed identities. */
const addVirtualMachine = (state: State): void => {
  const id = `${groupScope(state)}/providers/Microsoft.Compute/virtualMachines/vm`
  const userAssignedIdentities = [...state.managedIdentities.values()].map(identity => identity.id)
  state.resources.set(id.toLowerCase(), { id, location: 'westeurope', userAssignedIdentities })
}

/** Command lines that azwi refuses, because people use what they would change. No answer may talk azwi into it. */
const refusedFlows: readonly MisledFlow[] = [
  {
    name: 'delete of an application with a client secret',
    verb: 'refused',
    prepare: addTeam,
    before: state => [create([])(state)],
    afterwards: addSecrets,
    line: remove([])
  },
  {
    name: 'delete of a managed identity that a virtual machine uses',
    verb: 'refused',
    prepare: addTeam,
    before: state => [create(managedIdentity)(state)],
    afterwards: addVirtualMachine,
    line: remove([])
  },
  {
    name: 'apply with an application of others',
    verb: 'refused',
    prepare: state => {
      addTeam(state)
      addApplication(state, 'app-identity')
      addSecrets(state)
    },
    before: () => [],
    line: () => apply(workloads(['app'], identities.application))
  }
]

/** Each verb with each kind of identity. Delete follows the connection, without flags that name the identity. */
export const misledFlows: readonly MisledFlow[] = [
  ...flowsOf('application'),
  ...flowsOf('managed identity'),
  ...refusedFlows
]
