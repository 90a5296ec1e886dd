import { fail, ok, warn, type Finding } from '../finding.js'
import { mending } from './pod-fix.js'
import { containersOf, skipContainers, skippedNames, type PodGroup } from './pod-group.js'

/** Whether containers are kept from the webhook by annotation. */
export function containersCheck(group: PodGroup): Finding {
  const { of, pods, template } = group
  const { annotations = {}, spec } = template ?? { annotations: pods[0]?.metadata?.annotations, spec: pods[0]?.spec }
  const names = containersOf(spec).map(({ name }) => name)
  const asked = skippedNames(annotations)
  const kept = names.filter(name => asked.includes(name))
  const unknown = asked.filter(name => !names.includes(name))
  if (asked.length === 0) return ok('pod-containers', 'no container is kept from the webhook', of)
  const told = {
    found: `${skipContainers}: ${JSON.stringify(annotations[skipContainers])}`,
    expected: 'no such annotation',
    ...mending(group, { metadata: { annotations: { [skipContainers]: null } } }, `no annotation ${skipContainers}`)
  }
  if (kept.length === names.length)
    return fail(
      'pod-containers',
      'the annotation keeps all its containers from the webhook: none has a token',
      told,
      of
    )
  const keeps = kept.length === 0 ? [] : [`the annotation keeps ${kept.join(', ')} from the webhook: no token there`]
  const separator = unknown.some(name => name.includes(',')) ? ' (names are put apart by semicolons)' : ''
  const misses =
    unknown.length === 0
      ? []
      : [`the annotation names ${unknown.join(', ')}, but its containers are ${names.join(', ')}${separator}`]
  return warn('pod-containers', [...keeps, ...misses].join('; '), told, of)
}
