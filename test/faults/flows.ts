import type { State } from '../../sandbox/src/state.js'
import { addServiceAccount, groupScope } from '../helpers/state.js'

export interface FlowUnderTest {
  readonly name: string
  /** What is in the cloud before anybody comes. */
  readonly prepare: (state: State) => void
  /** Lines that have been run before the one that is looked at. */
  readonly before: (state: State) => readonly (readonly string[])[]
  readonly line: (state: State) => readonly string[]
  /** The flow that this one begins like: only the requests that come on top meet a single fault. */
  readonly beyond?: string
}

const role = (state: State) => ['--azure-role', 'Reader', '--azure-scope', groupScope(state)]
const grants = (state: State) => [...role(state), '--grant', 'Storage Blob Data Reader=sub:']
const ofApplication = ['--service-account-name', 'app', '--service-account-namespace', 'team']
const ofManagedIdentity = [
  '--service-account-name',
  'app',
  '--managed-identity-name',
  'app-identity',
  '--managed-identity-resource-group',
  'azwi-sandbox'
]

const createApplication = (state: State) => ['sa', 'create', ...ofApplication, '--create-namespace', ...grants(state)]
const createManagedIdentity = (state: State) => ['sa', 'create', ...ofManagedIdentity, ...role(state)]

/** The service account was there before, with a label of others: it is updated and stripped, neither made nor deleted. */
const othersAccount = (state: State): void => {
  addServiceAccount(state, 'app', { labels: { team: 'blue' } })
}

const nothing = (): void => undefined

/** Every flow that the schedules go through: each verb with each kind of identity, and what more they can be asked for. */
export const flows: readonly FlowUnderTest[] = [
  { name: 'create, application', prepare: nothing, before: () => [], line: createApplication },
  { name: 'create, managed identity', prepare: othersAccount, before: () => [], line: createManagedIdentity },
  {
    name: 'delete, application',
    prepare: nothing,
    before: state => [createApplication(state)],
    line: () => ['sa', 'delete', ...ofApplication]
  },
  {
    name: 'delete, managed identity',
    prepare: othersAccount,
    before: state => [createManagedIdentity(state)],
    line: () => ['sa', 'delete', ...ofManagedIdentity]
  },
  {
    name: 'delete --purge',
    prepare: nothing,
    before: state => [createApplication(state)],
    line: () => ['sa', 'delete', ...ofApplication, '--purge']
  },
  // Where every fourth request fails, three successes in a row may take longer than the usual five minutes.
  {
    name: 'create --wait',
    prepare: nothing,
    before: () => [],
    line: state => [...createApplication(state), '--wait', '--timeout', '1h'],
    beyond: 'create, application'
  }
]
