import type { Application, FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'
import type { CheckName } from '../../src/doctor/finding.js'
import type { Ground } from '../helpers/fixes/form.js'
import type { IdentityKind } from './healthy.js'

/** A healthy world, at hand to be broken. */
export interface ScenarioSetup extends Ground {
  readonly state: State
  readonly kind: IdentityKind
  readonly identity: Application | ManagedIdentity
  /** The one that trusts `shop/checkout`. */
  readonly credential: FederatedIdentityCredential
  readonly account: KubernetesObject
  /** Types a line, such as people break things with. */
  readonly runLine: (text: string) => Promise<void>
  /** A JSON merge patch of the deployment `shop/checkout`. */
  readonly patchDeployment: (patch: object) => Promise<void>
  /** New pods, of the same template. */
  readonly restartPods: () => Promise<void>
}

/** What is to be told of a fault. */
export interface ExpectedFinding {
  readonly check: CheckName
  readonly outcome?: 'warn' | 'fail'
  /** What it is about, where the service account is not `shop/checkout`, or one workload of several is meant. */
  readonly serviceAccount?: string
  readonly of?: string
  readonly found?: string
  readonly expected?: string
}

/** One mutation of a healthy world, and what is to be told of it. */
export interface Scenario {
  readonly name: string
  /** Both, unless one is named. */
  readonly kind?: IdentityKind
  readonly break: (stage: ScenarioSetup) => void | Promise<void>
  /** What the pods meet; nothing where the fault waits for the next pod, or shows elsewhere. */
  readonly symptoms: readonly string[]
  /** The first failure; where there is to be none, the first warning. A function looks at the world while it is whole. */
  readonly firstFinding: ExpectedFinding | ((healthy: ScenarioSetup) => ExpectedFinding)
  /** What the doctor is asked about: `shop/checkout`, unless something else is. */
  readonly target?: readonly string[]
  /** What the reader puts in the place of what stands in angle brackets. */
  readonly placeholders?: Readonly<Record<string, string>>
  /** Why no line mends it; left out, the printed fix does. */
  readonly noFix?: string
}
