import { isJsonObject, type Json, listAt, objectAt } from '../json.js'
import type { KubernetesObject } from './cluster.js'
import { badRequest } from './status-error.js'

type Predicate = (object: KubernetesObject) => boolean

/** Parses a label selector (kubernetes.io, Labels and Selectors). Throws a 400 for a malformed one. */
export function labelSelector(text: string): Predicate {
  const predicates = splitOutsideParentheses(text).map(labelRequirement)
  return object => predicates.every(matches => matches(object))
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

/**
 * Parses a field selector. Throws a 400 for a field that is neither `metadata.name`, `metadata.namespace` nor in
 * `selectable`.
 */
export function fieldSelector(text: string, selectable: readonly string[] = []): Predicate {
  const predicates = splitOutsideParentheses(text).map((requirement): Predicate => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(requirement)
    if (match === null) throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`)
    const [, field = '', operator, value] = match
    if (!['metadata.name', 'metadata.namespace', ...selectable].includes(field))
      throw badRequest(`field label not supported: ${field}`)
    return object => (fieldAt(object, field) === value) === (operator !== '!=')
  })
  return object => predicates.every(matches => matches(object))
}

/** Returns the field as text. A missing field is an empty string. */
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

/** Reports whether labels match a LabelSelector v1 meta. An empty or missing selector matches all labels. */
export function matchesSelector(selector: Json | undefined, labels: Readonly<Record<string, Json>> = {}): boolean {
  const matchesLabels = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value)
  return (
    matchesLabels &&
    listAt(selector, 'matchExpressions').every(({ key, operator, values }) => {
      const value = typeof key === 'string' ? labels[key] : undefined
      const isListed = value !== undefined && Array.isArray(values) && values.includes(value)
      if (operator === 'In') return isListed
      if (operator === 'NotIn') return !isListed
      return (value !== undefined) === (operator === 'Exists')
    })
  )
}
