import type { World } from '../../sandbox/src/world.js'
import { addServiceAccount, groupScope } from '../helpers/world.js'

export interface FlowUnderTest {
  readonly name: string
  /** What is in the cloud before anybody comes. */
  readonly prepare: (world: World) => void
  /** Lines that have been run before the one that is looked at. */
  readonly before: (world: World) => readonly (readonly string[])[]
  readonly line: (world: World) => readonly string[]
  /** The flow that this one begins like: only the requests that come on top meet a single fault. */
  readonly beyond?: string
}

const role = (world: World) => ['--azure-role', 'Reader', '--azure-scope', groupScope(world)]
const grants = (world: World) => [...role(world), '--grant', 'Storage Blob Data Reader=sub:']
const ofApplication = ['--service-account-name', 'app', '--service-account-namespace', 'team']
const ofManagedIdentity = [
  '--service-account-name',
  'app',
  '--managed-identity-name',
  'app-identity',
  '--managed-identity-resource-group',
  'azwi-sandbox'
]

const createApplication = (world: World) => ['sa', 'create', ...ofApplication, '--create-namespace', ...grants(world)]
const createManagedIdentity = (world: World) => ['sa', 'create', ...ofManagedIdentity, ...role(world)]

/** The service account was there before, with a label of others: it is updated and stripped, neither made nor deleted. */
const othersAccount = (world: World): void => {
  addServiceAccount(world, 'app', { labels: { team: 'blue' } })
}

const nothing = (): void => undefined

/** Every flow that the schedules go through: each verb with each kind of identity, and what more they can be asked for. */
export const flows: readonly FlowUnderTest[] = [
  { name: 'create, application', prepare: nothing, before: () => [], line: createApplication },
  { name: 'create, managed identity', prepare: othersAccount, before: () => [], line: createManagedIdentity },
  {
    name: 'delete, application',
    prepare: nothing,
    before: world => [createApplication(world)],
    line: () => ['sa', 'delete', ...ofApplication]
  },
  {
    name: 'delete, managed identity',
    prepare: othersAccount,
    before: world => [createManagedIdentity(world)],
    line: () => ['sa', 'delete', ...ofManagedIdentity]
  },
  {
    name: 'delete --purge',
    prepare: nothing,
    before: world => [createApplication(world)],
    line: () => ['sa', 'delete', ...ofApplication, '--purge']
  },
  // Where every fourth request fails, three successes in a row may take longer than the usual five minutes.
  {
    name: 'create --wait',
    prepare: nothing,
    before: () => [],
    line: world => [...createApplication(world), '--wait', '--timeout', '1h'],
    beyond: 'create, application'
  }
]
