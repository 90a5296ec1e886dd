import { type Json, objectAt, textAt, valueAt } from '../../json.js'
import type { KubernetesObject } from '../cluster.js'
import { isEqual } from '../fields/structured-merge.js'
import { matchesSelector } from '../selectors.js'
import { forbiddenField, invalidValue, requiredValue, type StatusCause } from '../status-error.js'
import { validatePodSpec } from './pod-rules.js'

const immutable = 'field is immutable'

/** Sets the defaults of a deployment, replica set, stateful set or daemon set. */
export function setReplicatedDefaults(object: KubernetesObject): void {
  const isDaemonSet = object.kind === 'DaemonSet'
  object.spec = { ...(isDaemonSet ? {} : { replicas: 1 }), revisionHistoryLimit: 10, ...objectAt(object.spec) }
}

/**
 * Returns the errors in a deployment, replica set, stateful set or daemon set (kubernetes/pkg/apis/apps/validation).
 * The selector must not be empty, must match the labels of the template, and must not change.
 */
export function validateReplicated(
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
    ...(selector === undefined ? [requiredValue('spec.selector')] : []),
    ...(selector !== undefined && isEmpty
      ? [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind.toLowerCase()}`)]
      : []),
    ...(isEmpty || matchesSelector(selector, labels)
      ? []
      : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')]),
    ...validateTemplate(spec, 'spec.template', ['Always']),
    ...(live === undefined || isEqual(selector ?? {}, valueAt(live.spec, 'selector') ?? {})
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

/**
 * Sets the defaults of a job. The selector and the labels of a new job are derived from its UID
 * (kubernetes/pkg/registry/batch/job, `generateSelector`).
 */
export function setJobDefaults(job: KubernetesObject, live: KubernetesObject | undefined): void {
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

/** Returns the errors in a job. The template of a live job must not change. */
export function validateJob({ spec = {} }: KubernetesObject, live: KubernetesObject | undefined): StatusCause[] {
  const template = valueAt(spec, 'template') ?? {}
  return [
    ...validateTemplate(spec, 'spec.template', ['OnFailure', 'Never']),
    ...(live === undefined || isEqual(template, valueAt(live.spec, 'template') ?? {})
      ? []
      : [invalidValue('spec.template', template, immutable)])
  ]
}

/** Returns the errors in a cron job. The schedule must have five fields, or be a macro such as `@hourly`. */
export function validateCronJob({ spec = {} }: KubernetesObject): StatusCause[] {
  const schedule = textAt(spec, 'schedule')
  return [
    ...(schedule === '' ? [requiredValue('spec.schedule')] : []),
    ...(schedule === '' || /^(@\w+( \S+)?|\S+( +\S+){4})$/.test(schedule)
      ? []
      : [
          invalidValue(
            'spec.schedule',
            schedule,
            `expected exactly 5 fields, found ${schedule.split(/ +/).length}: [${schedule}]`
          )
        ]),
    ...validateTemplate(objectAt(spec, 'jobTemplate', 'spec'), 'spec.jobTemplate.spec.template', ['OnFailure', 'Never'])
  ]
}

function validateTemplate(spec: Json, fieldPath: string, policies: readonly string[]): StatusCause[] {
  const podSpec = objectAt(spec, 'template', 'spec')
  const policy = textAt(podSpec, 'restartPolicy')
  return [
    ...validatePodSpec(podSpec, `${fieldPath}.spec`),
    ...(policies.includes(policy) || (policies.includes('Always') && policy === '')
      ? []
      : [
          policy === ''
            ? requiredValue(
                `${fieldPath}.spec.restartPolicy`,
                `valid values: ${policies.map(name => JSON.stringify(name)).join(', ')}`
              )
            : {
                reason: 'FieldValueNotSupported',
                field: `${fieldPath}.spec.restartPolicy`,
                message: `Unsupported value: ${JSON.stringify(policy)}: supported values: ${policies.map(name => JSON.stringify(name)).join(', ')}`
              }
        ])
  ]
}
