import type { Application, FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { KubernetesObject } from '../../sandbox/src/kubernetes/cluster.js'
import type { ManagedIdentity } from '../../sandbox/src/arm/resources.js'
import type { State } from '../../sandbox/src/state.js'
import type { CheckName } from '../../src/doctor/finding.js'
import type { Ground } from '../helpers/fixes/form.js'
import type { IdentityKind } from './healthy.js'

/** A sandbox with a healthy service account, and the means to break it. */
export interface ScenarioSetup extends Ground {
  readonly state: State
  readonly kind: IdentityKind
  readonly identity: Application | ManagedIdentity
  /** The credential that trusts `shop/checkout`. */
  readonly credential: FederatedIdentityCredential
  readonly account: KubernetesObject
  /** Runs a kubectl, az or azwi line. */
  readonly runLine: (text: string) => Promise<void>
  /** Applies a JSON merge patch to the deployment `shop/checkout`. */
  readonly patchDeployment: (patch: object) => Promise<void>
  /** Recreates the pods of the deployment from its current template. */
  readonly restartPods: () => Promise<void>
}

/** The expected members of a finding. */
export interface ExpectedFinding {
  readonly check: CheckName
  readonly outcome?: 'warn' | 'fail'
  /** The default is `shop/checkout`. */
  readonly serviceAccount?: string
  readonly of?: string
  readonly found?: string
  readonly expected?: string
}

/** One fault in a healthy setup, its effect on the pods, and the finding that must name it. */
export interface Scenario {
  readonly name: string
  /** The kind of identity that the fault applies to. The default is both. */
  readonly kind?: IdentityKind
  /** Causes the fault. */
  readonly break: (setup: ScenarioSetup) => void | Promise<void>
  /** The effect on the pods. Empty if the fault only affects new pods, or no pods. */
  readonly symptoms: readonly string[]
  /** The first failure, or else the first warning. A function gets the setup before the fault. */
  readonly firstFinding: ExpectedFinding | ((healthy: ScenarioSetup) => ExpectedFinding)
  /** The arguments of `azwi doctor`. The default is `checkout --namespace shop`. */
  readonly target?: readonly string[]
  /** The values for the placeholders in angle brackets. */
  readonly placeholders?: Readonly<Record<string, string>>
  /** The reason why no line fixes the fault. Undefined if the printed fix does. */
  readonly noFix?: string
}
