import type { KubernetesObject } from './cluster.js'
import { isJsonObject, type Json, listAt, objectAt } from '../json.js'
import { badRequest } from './status-error.js'

type Predicate = (object: KubernetesObject) => boolean

/** A label selector (kubernetes.io, Labels and Selectors): equality and sets, all of which must hold. */
export function labelSelector(text: string): Predicate {
  const predicates = splitOutsideParentheses(text).map(labelRequirement)
  return object => predicates.every(holds => holds(object))
}

function labelRequirement(text: string): Predicate {
  const setBased = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text)
  if (setBased !== null) {
    const [, key = '', operator, list = ''] = setBased
    const values = list.split(',').map(value => value.trim())
    return ({ metadata }) => {
      const value = metadata.labels?.[key]
      return operator === 'in'
        ? value !== undefined && values.includes(value)
        : value === undefined || !values.includes(value)
    }
  }
  const equality = /^([^\s=!]+)\s*(==|=|!=)\s*(\S*)$/.exec(text)
  if (equality !== null) {
    const [, key = '', operator, value] = equality
    return ({ metadata }) => (metadata.labels?.[key] === value) === (operator !== '!=')
  }
  const existence = /^(!?)([^\s=!(),]+)$/.exec(text)
  if (existence === null) throw badRequest(`unable to parse requirement: ${text}`)
  const [, negation, key = ''] = existence
  return ({ metadata }) => (metadata.labels?.[key] !== undefined) === (negation === '')
}

/** A field selector on `metadata.name`, `metadata.namespace` and what else the kind allows; another field is a 400. */
export function fieldSelector(text: string, selectable: readonly string[] = []): Predicate {
  const predicates = splitOutsideParentheses(text).map((requirement): Predicate => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(requirement)
    if (match === null) throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`)
    const [, field = '', operator, value] = match
    if (!['metadata.name', 'metadata.namespace', ...selectable].includes(field))
      throw badRequest(`field label not supported: ${field}`)
    return object => (fieldAt(object, field) === value) === (operator !== '!=')
  })
  return object => predicates.every(holds => holds(object))
}

/** The field as text; one that is not there is empty. */
function fieldAt(object: KubernetesObject, path: string): string {
  const value = path.split('.').reduce<Json>((node, name) => (isJsonObject(node) ? (node[name] ?? '') : ''), object)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function splitOutsideParentheses(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map(part => part.trim())
    .filter(part => part !== '')
}

/** LabelSelector v1 meta against labels. An empty one matches everything; without one, so does this. */
export function matchesSelector(selector: Json | undefined, labels: Readonly<Record<string, Json>> = {}): boolean {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value)
  return (
    equal &&
    listAt(selector, 'matchExpressions').every(({ key, operator, values }) => {
      const value = typeof key === 'string' ? labels[key] : undefined
      const listed = value !== undefined && Array.isArray(values) && values.includes(value)
      if (operator === 'In') return listed
      if (operator === 'NotIn') return !listed
      return (value !== undefined) === (operator === 'Exists')
    })
  )
}
