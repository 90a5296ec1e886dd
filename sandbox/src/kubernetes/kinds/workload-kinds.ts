import type { KubernetesObject } from '../cluster.js'
import { type Json, numberAt, textAt, valueAt } from '../../json.js'
import { type Column, defineKind } from './object-kind.js'
import { cronJobSchema, jobSchema, podSchema, replicatedSchema } from './object-schemas.js'
import { admitPod } from '../admission/pod-admission.js'
import { completePod, podCauses } from './pod-rules.js'
import { completeJob, completeReplicated, cronJobCauses, jobCauses, replicatedCauses } from './workload-rules.js'
import { podColumns } from '../controllers/kubelet.js'

const count = (name: string, ...path: readonly string[]): Column => ({
  name,
  type: 'integer',
  cell: object => numberAt(object, ...path) ?? 0
})
const text = (name: string, cell: (object: KubernetesObject) => Json): Column => ({ name, type: 'string', cell })

/** `1/3`: how many of the replicas are ready. */
const ready = text(
  'Ready',
  object => `${numberAt(object.status, 'readyReplicas') ?? 0}/${numberAt(object.spec, 'replicas') ?? 0}`
)

const apps = {
  group: 'apps',
  schema: replicatedSchema,
  hasStatus: true,
  complete: completeReplicated,
  causes: replicatedCauses
}
const batch = { group: 'batch', hasStatus: true }

/** Selectable fields: kubernetes/pkg/apis/core/v1/conversion. */
export const pods = defineKind('Pod', 'pods', {
  shortNames: ['po'],
  schema: podSchema,
  hasStatus: true,
  complete: completePod,
  causes: podCauses,
  admit: admitPod,
  columns: podColumns,
  selectableFields: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'status.phase',
    'status.podIP'
  ]
})

export const deployments = defineKind('Deployment', 'deployments', {
  ...apps,
  shortNames: ['deploy'],
  hasScale: true,
  columns: [ready, count('Up-to-date', 'status', 'updatedReplicas'), count('Available', 'status', 'availableReplicas')]
})

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

export const statefulSets = defineKind('StatefulSet', 'statefulSets', {
  ...apps,
  shortNames: ['sts'],
  hasScale: true,
  columns: [ready]
})

export const daemonSets = defineKind('DaemonSet', 'daemonSets', {
  ...apps,
  shortNames: ['ds'],
  columns: [
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady')
  ]
})

export const jobs = defineKind('Job', 'jobs', {
  ...batch,
  schema: jobSchema,
  complete: completeJob,
  causes: jobCauses,
  selectableFields: ['status.successful'],
  columns: [
    text(
      'Completions',
      ({ status, spec }) => `${numberAt(status, 'succeeded') ?? 0}/${numberAt(spec, 'completions') ?? 1}`
    )
  ]
})

export const cronJobs = defineKind('CronJob', 'cronJobs', {
  ...batch,
  shortNames: ['cj'],
  schema: cronJobSchema,
  causes: cronJobCauses,
  columns: [
    text('Schedule', ({ spec }) => textAt(spec, 'schedule')),
    text('Suspend', ({ spec }) => (valueAt(spec, 'suspend') === true ? 'True' : 'False'))
  ]
})
