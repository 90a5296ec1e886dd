import { type Json, type JsonObject, listAt, objectAt, textAt, without } from '../../json.js'
import type { KubernetesObject } from '../cluster.js'
import { isEqual } from '../fields/structured-merge.js'
import { forbiddenField, invalidValue, requiredValue, type StatusCause } from '../status-error.js'

/**
 * Returns the errors in the spec of a pod (kubernetes/pkg/apis/core/validation). Checks only that required names are
 * set, unique and refer to something.
 */
export function validatePodSpec(spec: JsonObject, fieldPath: string): StatusCause[] {
  const containers = listAt(spec, 'containers')
  const volumes = listAt(spec, 'volumes').map(volume => volume.name)
  return [
    ...(containers.length === 0 ? [requiredValue(`${fieldPath}.containers`)] : []),
    ...['initContainers', 'containers'].flatMap(list =>
      listAt(spec, list).flatMap((container, index) =>
        validateContainer(container, `${fieldPath}.${list}[${index}]`, volumes)
      )
    ),
    ...duplicates(containers, `${fieldPath}.containers`),
    ...duplicates(listAt(spec, 'volumes'), `${fieldPath}.volumes`)
  ]
}

function validateContainer(
  container: JsonObject,
  fieldPath: string,
  volumes: readonly (Json | undefined)[]
): StatusCause[] {
  const mounts = listAt(container, 'volumeMounts')
  return [
    ...(textAt(container, 'name') === '' ? [requiredValue(`${fieldPath}.name`)] : []),
    ...(textAt(container, 'image') === '' ? [requiredValue(`${fieldPath}.image`)] : []),
    ...listAt(container, 'env').flatMap((variable, index) =>
      textAt(variable, 'name') === '' ? [requiredValue(`${fieldPath}.env[${index}].name`)] : []
    ),
    ...mounts.flatMap(({ name = '', mountPath = '' }, index) => [
      ...(volumes.includes(name)
        ? []
        : [
            {
              reason: 'FieldValueNotFound',
              field: `${fieldPath}.volumeMounts[${index}].name`,
              message: `Not found: ${JSON.stringify(name)}`
            }
          ]),
      ...(mounts.findIndex(mount => mount.mountPath === mountPath) < index
        ? [invalidValue(`${fieldPath}.volumeMounts[${index}].mountPath`, mountPath, 'must be unique')]
        : [])
    ])
  ]
}

function duplicates(items: readonly JsonObject[], fieldPath: string): StatusCause[] {
  return items.flatMap(({ name }, index) =>
    name !== undefined && items.findIndex(item => item.name === name) < index
      ? [
          {
            reason: 'FieldValueDuplicate',
            field: `${fieldPath}[${index}].name`,
            message: `Duplicate value: ${JSON.stringify(name)}`
          }
        ]
      : []
  )
}

/** Returns the errors in a pod. Of the spec of a live pod, only the images and a few other fields can change. */
export function validatePod({ spec = {} }: KubernetesObject, live: KubernetesObject | undefined): StatusCause[] {
  const hasChanged = live !== undefined && !isEqual(immutableFields(spec), immutableFields(live.spec ?? {}))
  return [
    ...validatePodSpec(objectAt(spec), 'spec'),
    ...(hasChanged
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

function immutableFields(spec: Json): JsonObject {
  const withoutImages = (list: string): Json => listAt(spec, list).map(container => without(container, 'image'))
  const rest = without(objectAt(spec), 'activeDeadlineSeconds', 'tolerations', 'terminationGracePeriodSeconds')
  return { ...rest, containers: withoutImages('containers'), initContainers: withoutImages('initContainers') }
}

/** Sets the defaults of a pod's spec that a tool is likely to read. */
export function setPodDefaults(pod: KubernetesObject): void {
  const spec = objectAt(pod.spec)
  pod.spec = {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    ...spec
  }
}
