import type { KubernetesObject } from '../cluster.js'
import { type Json, type JsonObject, listAt, objectAt, textAt, without } from '../../json.js'
import type { StatusCause } from '../status-error.js'
import { equal } from '../fields/structured-merge.js'

export const required = (field: string, detail = ''): StatusCause => ({
  reason: 'FieldValueRequired',
  field,
  message: `Required value${detail === '' ? '' : `: ${detail}`}`
})
export const invalidValue = (field: string, value: Json, rule: string): StatusCause => ({
  reason: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${JSON.stringify(value)}: ${rule}`
})
export const forbiddenField = (field: string, rule: string): StatusCause => ({
  reason: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${rule}`
})

/** What the API server refuses of a pod's spec (kubernetes/pkg/apis/core/validation), as far as it is about names that must be there and agree. */
export function podSpecCauses(spec: JsonObject, at: string): StatusCause[] {
  const containers = listAt(spec, 'containers')
  const volumes = listAt(spec, 'volumes').map(volume => volume.name)
  return [
    ...(containers.length === 0 ? [required(`${at}.containers`)] : []),
    ...['initContainers', 'containers'].flatMap(list =>
      listAt(spec, list).flatMap((container, index) => containerCauses(container, `${at}.${list}[${index}]`, volumes))
    ),
    ...duplicates(containers, `${at}.containers`),
    ...duplicates(listAt(spec, 'volumes'), `${at}.volumes`)
  ]
}

function containerCauses(container: JsonObject, at: string, volumes: readonly (Json | undefined)[]): StatusCause[] {
  const mounts = listAt(container, 'volumeMounts')
  return [
    ...(textAt(container, 'name') === '' ? [required(`${at}.name`)] : []),
    ...(textAt(container, 'image') === '' ? [required(`${at}.image`)] : []),
    ...listAt(container, 'env').flatMap((variable, index) =>
      textAt(variable, 'name') === '' ? [required(`${at}.env[${index}].name`)] : []
    ),
    ...mounts.flatMap(({ name = '', mountPath = '' }, index) => [
      ...(volumes.includes(name)
        ? []
        : [
            {
              reason: 'FieldValueNotFound',
              field: `${at}.volumeMounts[${index}].name`,
              message: `Not found: ${JSON.stringify(name)}`
            }
          ]),
      ...(mounts.findIndex(mount => mount.mountPath === mountPath) < index
        ? [invalidValue(`${at}.volumeMounts[${index}].mountPath`, mountPath, 'must be unique')]
        : [])
    ])
  ]
}

function duplicates(items: readonly JsonObject[], at: string): StatusCause[] {
  return items.flatMap(({ name }, index) =>
    name !== undefined && items.findIndex(item => item.name === name) < index
      ? [
          {
            reason: 'FieldValueDuplicate',
            field: `${at}[${index}].name`,
            message: `Duplicate value: ${JSON.stringify(name)}`
          }
        ]
      : []
  )
}

/** A pod keeps its spec: of a live one only images and a few other fields change. */
export function podCauses({ spec = {} }: KubernetesObject, live: KubernetesObject | undefined): StatusCause[] {
  const changes = live !== undefined && !equal(unchangeable(spec), unchangeable(live.spec ?? {}))
  return [
    ...podSpecCauses(objectAt(spec), 'spec'),
    ...(changes
      ? [
          forbiddenField(
            'spec',
            'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
              '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to ' +
              'be set to 1 if it was previously negative)'
          )
        ]
      : [])
  ]
}

function unchangeable(spec: Json): JsonObject {
  const withoutImages = (list: string): Json => listAt(spec, list).map(container => without(container, 'image'))
  const rest = without(objectAt(spec), 'activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds')
  return { ...rest, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') }
}

/** Fills in what a pod's spec may leave out, as far as anybody looks at it. */
export function completePod(pod: KubernetesObject): void {
  const spec = objectAt(pod.spec)
  pod.spec = {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    ...spec
  }
}
