import { namespaces, type ObjectKind, serviceAccounts } from './kinds.js'
import { configMaps, endpoints, endpointSlices, mutatingWebhookConfigurations, services } from './service-kinds.js'
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
