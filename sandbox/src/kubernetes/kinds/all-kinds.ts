import { namespaces, type ObjectKind, serviceAccounts } from './object-kind.js'
import { configMaps, endpoints, endpointSlices, mutatingWebhookConfigurations, services } from './core-kinds.js'
import { cronJobs, daemonSets, deployments, jobs, pods, replicaSets, statefulSets } from './workload-kinds.js'

/** Every kind that the API server keeps. */
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
