import {
  configMaps,
  endpoints,
  endpointSlices,
  mutatingWebhookConfigurations,
  namespaces,
  serviceAccounts,
  services
} from './core-kinds.js'
import type { ObjectKind } from './object-kind.js'
import { cronJobs, daemonSets, deployments, jobs, pods, replicaSets, statefulSets } from './workload-kinds.js'

/** Every kind that the API server stores. */
export const allKinds: readonly ObjectKind[] = [
  namespaces,
  serviceAccounts,
  pods,
  services,
  endpoints,
  endpointSlices,
  configMaps,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  mutatingWebhookConfigurations
]
