import type { PodGroup } from '../evidence/pod-group.js'
import { containersOf, skipContainersAnnotation, skippedContainers } from '../evidence/pod-spec.js'
import { fail, type Finding, ok, warn } from '../finding.js'
import { patchTemplateFix } from '../fixes/pod.js'

/** Checks that no annotation excludes containers from the webhook. */
export function containersCheck(group: PodGroup): Finding {
  const { kubectlName, pods, template } = group
  const { annotations = {}, spec } = template ?? { annotations: pods[0]?.metadata?.annotations, spec: pods[0]?.spec }
  const names = containersOf(spec).map(({ name }) => name)
  const annotated = skippedContainers(annotations)
  const skipped = names.filter(name => annotated.includes(name))
  const unknown = annotated.filter(name => !names.includes(name))
  if (annotated.length === 0) return ok('pod-containers', 'no container is kept from the webhook', kubectlName)
  const details = {
    found: `${skipContainersAnnotation}: ${JSON.stringify(annotations[skipContainersAnnotation])}`,
    expected: 'no such annotation',
    ...patchTemplateFix(
      group,
      { metadata: { annotations: { [skipContainersAnnotation]: null } } },
      `no annotation ${skipContainersAnnotation}`
    )
  }
  if (skipped.length === names.length)
    return fail(
      'pod-containers',
      'the annotation keeps all its containers from the webhook: none has a token',
      details,
      kubectlName
    )
  const skippedMessage =
    skipped.length === 0 ? [] : [`the annotation keeps ${skipped.join(', ')} from the webhook: no token there`]
  const separatorHint = unknown.some(name => name.includes(',')) ? ' (names are put apart by semicolons)' : ''
  const unknownMessage =
    unknown.length === 0
      ? []
      : [`the annotation names ${unknown.join(', ')}, but its containers are ${names.join(', ')}${separatorHint}`]
  return warn('pod-containers', [...skippedMessage, ...unknownMessage].join('; '), details, kubectlName)
}
