import type { V1Pod } from '@kubernetes/client-node'
import type { Case } from '../evidence.js'
import { remade } from './pod-fix.js'
import { containersWanted, podGroups, templateVariable, type PodGroup } from './pod-group.js'
import { isSameValue, type Variable } from './pod-variables.js'
import { isSelected } from './webhook-state.js'

/** Pods into which the webhook wrote another value than this, each with what it wrote. */
export function staleIn(
  of: Case,
  group: PodGroup,
  variable: Variable,
  expected: string
): { readonly pod: V1Pod; readonly found: string }[] {
  return group.pods
    .filter(pod => isSelected(of, pod))
    .flatMap(pod => {
      const [found] = writtenIn(group, pod, variable).filter(value => !isSameValue(variable, value, expected))
      return found === undefined ? [] : [{ pod, found }]
    })
}

/** Lines that make such pods anew, for the end of what mends an annotation: a pod keeps what was written into it. */
export function remadeStale(of: Case, variable: Variable, expected: string): string[] {
  return podGroups(of).flatMap(group => {
    const stale = staleIn(of, group, variable, expected)
    return stale.length === 0
      ? []
      : remade(
          group,
          stale.map(({ pod }) => pod)
        )
  })
}

/** The variable's value in each container, empty where it lacks; without those where the template itself sets it, which is no matter of age. */
function writtenIn(group: PodGroup, pod: V1Pod, variable: Variable): string[] {
  return containersWanted(group, pod)
    .filter(({ name }) => templateVariable(group, name, variable) === undefined)
    .flatMap(({ env = [] }) => {
      const set = env.find(({ name }) => name === variable)
      return set?.valueFrom === undefined ? [set?.value ?? ''] : []
    })
}
