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
  const found = `${skipContainers}: ${JSON.stringify(annotations[skipContainers])}`
  const annotated = (value: string | null, what: string) => mending(group, { metadata: { annotations: { [skipContainers]: value } } }, what)
  const without = { found, expected: 'no such annotation', ...annotated(null, `no annotation ${skipContainers}`) }
  if (kept.length === names.length) return fail('pod-containers', 'the annotation keeps all its containers from the webhook: none has a token', without, of)
  if (unknown.length === 0) return warn('pod-containers', `the annotation keeps ${kept.join(', ')} from the webhook: no token there`, without, of)
  const separator = unknown.some(name => name.includes(',')) ? '; names are put apart by semicolons' : ''
  const message = `the annotation names ${unknown.join(', ')}, but its containers are ${names.join(', ')}${separator}`
  if (kept.length === 0) return warn('pod-containers', message, without, of)
  return warn('pod-containers', message, { found, expected: kept.join(';'), ...annotated(kept.join(';'), `the annotation ${skipContainers}: ${kept.join(';')}`) }, of)
}
