import type { KubernetesObject } from '../cluster.js'
import { badRequest } from './status.js'

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
      return operator === 'in' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value)
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

/** A field selector on `metadata.name` and `metadata.namespace`; another field is a 400. */
export function fieldSelector(text: string): Predicate {
  const predicates = splitOutsideParentheses(text).map((requirement): Predicate => {
    const match = /^([^=!]+)(==|=|!=)(.*)$/.exec(requirement)
    if (match === null) throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`)
    const [, field = '', operator, value] = match
    if (field !== 'metadata.name' && field !== 'metadata.namespace') throw badRequest(`field label not supported: ${field}`)
    return ({ metadata }) => ((field === 'metadata.name' ? metadata.name : metadata.namespace) === value) === (operator !== '!=')
  })
  return object => predicates.every(holds => holds(object))
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map(part => part.trim()).filter(part => part !== '')
}
