import { describe, expect, it } from 'vitest'
import { group } from '../helpers/managed-identity.js'
import { issuerOf } from '../helpers/state.js'
import {
  addAccount,
  addConnection,
  addIdentity,
  addRole,
  addTrust,
  derivedName,
  type Kind,
  kinds,
  type Maker
} from './objects.js'
import { play, plainDelete, type Scenario, useStage } from './stage.js'

const stage = useStage()
const account = 'service account default/app'
const createFlags = {
  application: [],
  'managed identity': ['--managed-identity-name', 'app-id', '--managed-identity-resource-group', group]
} as const
const create = (kind: Kind) => () => [
  ...['sa', 'create', '--service-account-name', 'app', '--grant', 'Reader=rg:azwi-sandbox'],
  ...createFlags[kind]
]
const connection = (kind: Kind, by: Maker) =>
  addConnection(stage.state, kind, by, kind === 'application' ? derivedName(stage.state) : 'app-id')
const idOf = (kind: Kind) => (kind === 'application' ? 'application default-app' : 'managed identity app-id')

describe('a connection of this version', () => {
  it.each(kinds)('is as the tests assume: create changes nothing, %s', kind =>
    play(stage, {
      name: '',
      arrange: () => void connection(kind, 'azwi'),
      line: create(kind),
      status: 0,
      changes: []
    })
  )
})

describe.each(kinds)('a connection of version 0.1.0, %s', kind => {
  const id = idOf(kind)
  it.each<Scenario>([
    {
      name: 'is used by create, which adds only the hint to a managed identity',
      arrange: () => void connection(kind, 'azwi 0.1.0'),
      line: create(kind),
      status: 0,
      changes: kind === 'application' ? [] : [`~ ${account}: +azwi/managed-identity`]
    },
    {
      name: 'is deleted',
      arrange: () => void connection(kind, 'azwi 0.1.0'),
      status: 0,
      changes: [`- ${id}`, `- role Reader of ${id} at rg:azwi-sandbox`, `- ${account}`]
    },
    {
      name: 'is completed by create without its credential, role and service account',
      arrange: () =>
        void addIdentity(stage.state, kind, 'azwi 0.1.0', kind === 'application' ? derivedName(stage.state) : 'app-id'),
      line: create(kind),
      status: 0,
      changes: [`+ credential of ${id} for default/app`, `+ role Reader of ${id} at rg:azwi-sandbox`, `+ ${account}`]
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('a connection of the Go azwi', () => {
  const id = idOf('application')
  const role = `role Reader of ${id} at rg:azwi-sandbox`
  const arrange = () => void connection('application', 'the Go azwi')

  it.each<Scenario>([
    {
      name: 'is used by create, which changes only annotations of the service account',
      arrange,
      line: create('application'),
      status: 0,
      changes: [`~ ${account}: +service-account-token-expiration`]
    },
    {
      name: 'is kept by a plain delete because of its role, whose GUID is random, and the line for the role is printed',
      arrange,
      status: 1,
      changes: [],
      says: /azwi serviceaccount delete phase role-assignment --role-assignment-id \/subscriptions\//
    },
    {
      name: 'is deleted whole with --role-assignment-id, as the Go azwi deletes it',
      arrange,
      line: () => {
        const [assignment] = stage.state.roleAssignments.values()
        return [
          ...['serviceaccount', 'delete', '--service-account-name', 'app', '--service-account-namespace', 'default'],
          ...['--service-account-issuer-url', issuerOf(stage.state), '--role-assignment-id', assignment!.id]
        ]
      },
      status: 0,
      changes: [`- ${id}`, `- ${role}`, `- ${account}`]
    },
    {
      name: 'is deleted whole without a role',
      arrange: () => {
        arrange()
        stage.state.roleAssignments.clear()
      },
      status: 0,
      changes: [`- ${id}`, `- ${account}`]
    },
    {
      name: 'is deleted whole after create has updated its service account',
      arrange: async () => {
        arrange()
        stage.state.roleAssignments.clear()
        expect((await stage.attempt(create('application')())).status).toBe(0)
      },
      status: 0,
      changes: [`- ${id}`, `- ${role}`, `- ${account}`]
    },
    {
      name: 'keeps an application that only its name and a tag of the application connect to it',
      arrange: () => {
        const { application } = addIdentity(stage.state, 'application', 'a person', derivedName(stage.state))
        application!.tags.push('azwi version: v1.6.0, commit: 04d01a2f')
      },
      status: 0,
      changes: []
    },
    {
      name: 'does not share its application with the service account that has the same derived name',
      arrange: () => {
        const identity = addIdentity(stage.state, 'application', 'the Go azwi', derivedName(stage.state, 'b-c', 'a'))
        addTrust(stage.state, identity, 'the Go azwi', { namespace: 'a', account: 'b-c' })
      },
      line: () => [
        ...['sa', 'create', '--service-account-name', 'c', '--service-account-namespace', 'a-b', '--create-namespace'],
        ...['--grant', 'Reader=rg:azwi-sandbox']
      ],
      status: 1,
      changes: []
    },
    {
      name: 'keeps its application when the service account with the same derived name is deleted',
      arrange: () => {
        const identity = addIdentity(stage.state, 'application', 'the Go azwi', derivedName(stage.state, 'b-c', 'a'))
        addTrust(stage.state, identity, 'the Go azwi', { namespace: 'a', account: 'b-c' })
        addRole(stage.state, identity, 'azwi')
        addAccount(stage.state, identity, 'the Go azwi', { namespace: 'a', account: 'b-c' })
        addAccount(stage.state, identity, 'the Go azwi', { namespace: 'a-b', account: 'c' })
      },
      line: () => ['sa', 'delete', '--service-account-name', 'c', '--service-account-namespace', 'a-b'],
      status: 0,
      changes: ['- service account a-b/c']
    }
  ])('$name', scenario => play(stage, scenario))

  it('is deleted whole by the line that delete prints for its role, and another plain delete', async () => {
    arrange()
    const { stderr } = await stage.attempt(plainDelete)
    const line = /azwi (serviceaccount delete phase role-assignment --role-assignment-id \S+?)"?(\s|$)/.exec(
      stderr
    )![1]!
    const first = await stage.attempt(line.split(' '))
    expect({ status: first.status, changes: first.changes }, first.stderr).toEqual({
      status: 0,
      changes: [`- ${role}`]
    })
    const second = await stage.attempt(plainDelete)
    expect({ status: second.status, changes: second.changes }, second.stderr).toEqual({
      status: 0,
      changes: [`- ${id}`, `- ${account}`]
    })
  })
})
