import { type Json, type JsonObject, listAt, numberAt, textAt, valueAt } from '../../json.js'
import { admitPod } from '../admission/pod-admission.js'
import type { KubernetesObject } from '../cluster.js'
import { type Column, defineKind } from './object-kind.js'
import { cronJobSchema, jobSchema, podSchema, replicatedSchema } from './object-schemas.js'
import { setPodDefaults, validatePod } from './pod-rules.js'
import {
  setJobDefaults,
  setReplicatedDefaults,
  validateCronJob,
  validateJob,
  validateReplicated
} from './workload-rules.js'

const count = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: object => numberAt(object, ...path) ?? 0
})
const text = (name: string, cell: (object: KubernetesObject) => Json): Column => ({ name, type: 'string', cell })

/** The ready and the desired replicas: `1/3`. */
const ready = text(
  'Ready',
  object => `${numberAt(object.status, 'readyReplicas') ?? 0}/${numberAt(object.spec, 'replicas') ?? 0}`
)

const apps = {
  group: 'apps',
  schema: replicatedSchema,
  hasStatus: true,
  setDefaults: setReplicatedDefaults,
  validate: validateReplicated
}
const batch = { group: 'batch', hasStatus: true }

/** Pod v1 core. The selectable fields are those of kubernetes/pkg/apis/core/v1/conversion. */
export const pods = defineKind('Pod', 'pods', {
  shortNames: ['po'],
  schema: podSchema,
  hasStatus: true,
  setDefaults: setPodDefaults,
  validate: validatePod,
  admit: admitPod,
  columns: [
    text('Ready', ({ spec, status }) => {
      const readyContainers = listAt(status, 'containerStatuses').filter(container => container.ready === true)
      return `${readyContainers.length}/${listAt(spec, 'containers').length}`
    }),
    text(
      'Status',
      ({ status }) => listAt(status, 'containerStatuses').map(waitingReason).find(Boolean) ?? textAt(status, 'phase')
    ),
    text('Restarts', ({ status }) =>
      listAt(status, 'containerStatuses').reduce(
        (sum, container) => sum + (numberAt(container, 'restartCount') ?? 0),
        0
      )
    )
  ],
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP'
  ]
})

function waitingReason(container: JsonObject): string {
  return textAt(container, 'state', 'waiting', 'reason')
}

/** Deployment v1 apps. */
export const deployments = defineKind('Deployment', 'deployments', {
  ...apps,
  shortNames: ['deploy'],
  hasScale: true,
  columns: [ready, count('Up-to-date', 'status', 'updatedReplicas'), count('Available', 'status', 'availableReplicas')]
})

/** ReplicaSet v1 apps. */
export const replicaSets = defineKind('ReplicaSet', 'replicaSets', {
  ...apps,
  shortNames: ['rs'],
  hasScale: true,
  selectableFields: ['status.replicas'],
  columns: [
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas')
  ]
})

/** StatefulSet v1 apps. */
export const statefulSets = defineKind('StatefulSet', 'statefulSets', {
  ...apps,
  shortNames: ['sts'],
  hasScale: true,
  columns: [ready]
})

/** DaemonSet v1 apps. */
export const daemonSets = defineKind('DaemonSet', 'daemonSets', {
  ...apps,
  shortNames: ['ds'],
  columns: [
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady')
  ]
})

/** Job v1 batch. */
export const jobs = defineKind('Job', 'jobs', {
  ...batch,
  schema: jobSchema,
  setDefaults: setJobDefaults,
  validate: validateJob,
  selectableFields: ['status.successful'],
  columns: [
    text(
      'Completions',
      ({ status, spec }) => `${numberAt(status, 'succeeded') ?? 0}/${numberAt(spec, 'completions') ?? 1}`
    )
  ]
})

/** CronJob v1 batch. */
export const cronJobs = defineKind('CronJob', 'cronJobs', {
  ...batch,
  shortNames: ['cj'],
  schema: cronJobSchema,
  validate: validateCronJob,
  columns: [
    text('Schedule', ({ spec }) => textAt(spec, 'schedule')),
    text('Suspend', ({ spec }) => (valueAt(spec, 'suspend') === true ? 'True' : 'False'))
  ]
})
