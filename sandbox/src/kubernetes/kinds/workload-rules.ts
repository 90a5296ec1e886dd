import type { KubernetesObject } from '../cluster.js'
import { type Json, objectAt, textAt, valueAt } from '../../json.js'
import { matchesSelector } from '../selectors.js'
import type { StatusCause } from '../status-error.js'
import { equal } from '../fields/structured-merge.js'
import { forbiddenField, invalidValue, podSpecCauses, required } from './pod-rules.js'

const immutable = 'field is immutable'

/** Fills in what the spec of a deployment, replica set, stateful set or daemon set may leave out. */
export function completeReplicated(object: KubernetesObject): void {
  const daemon = object.kind === 'DaemonSet'
  object.spec = { ...(daemon ? {} : { replicas: 1 }), revisionHistoryLimit: 10, ...objectAt(object.spec) }
}

/** What the API server refuses of them (kubernetes/pkg/apis/apps/validation): a selector that is empty, changes, or misses its own template. */
export function replicatedCauses(
  { kind, spec = {} }: KubernetesObject,
  live: KubernetesObject | undefined
): StatusCause[] {
  const selector = valueAt(spec, 'selector')
  const labels = objectAt(spec, 'template', 'metadata', 'labels')
  const isEmpty = Object.keys(objectAt(selector)).length === 0
  const replicas = valueAt(spec, 'replicas')
  return [
    ...(typeof replicas === 'number' && replicas < 0
      ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')]
      : []),
    ...(selector === undefined ? [required('spec.selector')] : []),
    ...(selector !== undefined && isEmpty
      ? [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind.toLowerCase()}`)]
      : []),
    ...(isEmpty || matchesSelector(selector, labels)
      ? []
      : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ...templateCauses(spec, 'spec.template', ['Always']),
    ...(live === undefined || equal(selector ?? {}, valueAt(live.spec, 'selector') ?? {})
      ? []
      : [changedSelector(kind, selector ?? {})])
  ]
}

function changedSelector(kind: string, selector: Json): StatusCause {
  return kind === 'StatefulSet'
    ? forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
          "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
      )
    : invalidValue('spec.selector', selector, immutable)
}

/** A job chooses its own selector and labels, by its uid (kubernetes/pkg/registry/batch/job, `generateSelector`). */
export function completeJob(job: KubernetesObject, live: KubernetesObject | undefined): void {
  const spec = { parallelism: 1, completions: 1, backoffLimit: 6, ...objectAt(job.spec) }
  const { name, uid } = job.metadata
  const controller = { 'batch.kubernetes.io/controller-uid': uid }
  const labels = { ...controller, 'batch.kubernetes.io/job-name': name, 'controller-uid': uid, 'job-name': name }
  const template = objectAt(spec, 'template')
  const metadata = objectAt(template, 'metadata')
  job.spec =
    live === undefined
      ? {
          ...spec,
          selector: { matchLabels: controller },
          template: { ...template, metadata: { ...metadata, labels: { ...objectAt(metadata, 'labels'), ...labels } } }
        }
      : spec
}

/** A job's template stays as it is; whoever wants another makes another job. */
export function jobCauses({ spec = {} }: KubernetesObject, live: KubernetesObject | undefined): StatusCause[] {
  const template = valueAt(spec, 'template') ?? {}
  return [
    ...templateCauses(spec, 'spec.template', ['OnFailure', 'Never']),
    ...(live === undefined || equal(template, valueAt(live.spec, 'template') ?? {})
      ? []
      : [invalidValue('spec.template', template, immutable)])
  ]
}

/** A cron job has a schedule of five fields (or a name for one), and the template of a job. */
export function cronJobCauses({ spec = {} }: KubernetesObject): StatusCause[] {
  const schedule = textAt(spec, 'schedule')
  return [
    ...(schedule === '' ? [required('spec.schedule')] : []),
    ...(schedule === '' || /^(@\w+( \S+)?|\S+( +\S+){4})$/.test(schedule)
      ? []
      : [
          invalidValue(
            'spec.schedule',
            schedule,
            `expected exactly 5 fields, found ${schedule.split(/ +/).length}: [${schedule}]`
          )
        ]),
    ...templateCauses(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec.template', ['OnFailure', 'Never'])
  ]
}

function templateCauses(spec: Json, at: string, policies: readonly string[]): StatusCause[] {
  const podSpec = objectAt(spec, 'template', 'spec')
  const policy = textAt(podSpec, 'restartPolicy')
  const always = policies.includes('Always')
  return [
    ...podSpecCauses(podSpec, `${at}.spec`),
    ...(policies.includes(policy) || (always && policy === '')
      ? []
      : [
          policy === ''
            ? required(
                `${at}.spec.restartPolicy`,
                `valid values: ${policies.map(each => JSON.stringify(each)).join(', ')}`
              )
            : {
                reason: 'FieldValueNotSupported',
                field: `${at}.spec.restartPolicy`,
                message: `Unsupported value: ${JSON.stringify(policy)}: supported values: ${policies.map(each => JSON.stringify(each)).join(', ')}`
              }
        ])
  ]
}
