import type { State } from '../../sandbox/src/state.js'
import { addServiceAccount, groupScope } from '../helpers/state.js'

/** A command line, with what it reads from stdin. */
export interface Line {
  readonly words: readonly string[]
  readonly stdin: string
}

export interface FlowUnderTest {
  readonly name: string
  /** Adds the objects that exist before azwi runs. */
  readonly prepare: (state: State) => void
  /** The command lines that run before the tested one. */
  readonly before: (state: State) => readonly (readonly string[] | Line)[]
  /** Adds what others do after these command lines. */
  readonly afterwards?: (state: State) => void
  /** The tested command line. */
  readonly line: (state: State) => readonly string[] | Line
  /** The flow with which this one begins. Single faults hit only the additional requests. */
  readonly beyond?: string
}

const role = (state: State) => ['--azure-role', 'Reader', '--azure-scope', groupScope(state)]
const grants = (state: State) => [...role(state), '--grant', 'Storage Blob Data Reader=sub:']
const applicationFlags = ['--service-account-name', 'app', '--service-account-namespace', 'team']
const managedIdentityFlags = [
  '--service-account-name',
  'app',
  '--managed-identity-name',
  'app-identity',
  '--managed-identity-resource-group',
  'azwi-sandbox'
]

const createApplication = (state: State) => [
  'sa',
  'create',
  ...applicationFlags,
  '--create-namespace',
  ...grants(state)
]
const createManagedIdentity = (state: State) => ['sa', 'create', ...managedIdentityFlags, ...role(state)]

/** Adds a service account with a label of another owner. azwi then updates it, and neither creates nor deletes it. */
const addForeignAccount = (state: State): void => {
  addServiceAccount(state, 'app', { labels: { team: 'blue' } })
}

const nothing = (): void => undefined

/** Returns a command line without input as a Line. */
export const lineOf = (line: readonly string[] | Line): Line => ('words' in line ? line : { words: line, stdin: '' })

/** The tested flows: each verb with each kind of identity, and further flags. */
export const flows: readonly FlowUnderTest[] = [
  { name: 'create, application', prepare: nothing, before: () => [], line: createApplication },
  { name: 'create, managed identity', prepare: addForeignAccount, before: () => [], line: createManagedIdentity },
  {
    name: 'delete, application',
    prepare: nothing,
    before: state => [createApplication(state)],
    line: () => ['sa', 'delete', ...applicationFlags]
  },
  {
    name: 'delete, managed identity',
    prepare: addForeignAccount,
    before: state => [createManagedIdentity(state)],
    line: () => ['sa', 'delete', ...managedIdentityFlags]
  },
  {
    name: 'delete --purge',
    prepare: nothing,
    before: state => [createApplication(state)],
    line: () => ['sa', 'delete', ...applicationFlags, '--purge']
  },
  // If every fourth request fails, three successes in a row can take longer than the default five minutes.
  {
    name: 'create --wait',
    prepare: nothing,
    before: () => [],
    line: state => [...createApplication(state), '--wait', '--timeout', '1h'],
    beyond: 'create, application'
  }
]
