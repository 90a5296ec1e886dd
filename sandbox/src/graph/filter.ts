import type { Json, JsonObject } from '../json.js'
import { malformed, unsupportedQuery } from './errors.js'
import { type Filter, type FilterClause, type FilterOperator, type FilterValue, parseFilter } from './filter-syntax.js'

/** What of a resource may stand in a `$filter`. */
export interface Filterable {
  /** As error messages name it: `Application`. */
  readonly resource: string
  /** As the OData layer names it: `microsoft.graph.application`. */
  readonly type: string
  readonly properties: readonly string[]
  readonly operators: Readonly<Record<string, readonly FilterOperator[]>>
  /** The directory compares its strings without regard to case; credentials are compared byte for byte. */
  readonly caseSensitive: boolean
  /** False where Graph takes one comparison only. */
  readonly combinations: boolean
}

/** Max. number of comparisons joined by `or`, and of values of `in` (Graph, "Too many child clauses"). */
const maximumAlternatives = 15

/** The test that a `$filter` is, or Graph's 400 for one that is malformed, names an unknown property or asks for more than the resource gives. */
export function compileFilter(text: string, filterable: Filterable): (object: JsonObject) => boolean {
  const filter = parseFilter(text)
  check(filter, filterable)
  return object => matches(filter, object, filterable)
}

function check(filter: Filter, filterable: Filterable): void {
  if (filter.kind === 'clause') {
    checkClause(filter, filterable)
    return
  }
  if (!filterable.combinations) {
    throw unsupportedQuery(`Filtering '${filterable.resource}' on more than one property is not supported.`)
  }
  if (filter.kind === 'or') checkAlternatives(filter.operands.length)
  for (const operand of filter.operands) check(operand, filterable)
}

function checkClause(
  { property, operator, values }: FilterClause,
  { resource, type, properties, operators }: Filterable
): void {
  if (!properties.includes(property)) {
    throw malformed(`Invalid filter clause: Could not find a property named '${property}' on type '${type}'.`)
  }
  const usable = values.every(value => typeof value === 'boolean' || (typeof value === 'string' && value !== ''))
  if (operators[property]?.includes(operator) !== true || !usable) {
    throw unsupportedQuery(
      `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`
    )
  }
  checkAlternatives(values.length)
}

function checkAlternatives(count: number): void {
  if (count <= maximumAlternatives) return
  throw unsupportedQuery(
    `Too many child clauses specified in search filter expression containing 'OR' operators: ${count}. Max allowed: ${maximumAlternatives}.`
  )
}

function matches(filter: Filter, object: JsonObject, filterable: Filterable): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every(operand => matches(operand, object, filterable))
    case 'or':
      return filter.operands.some(operand => matches(operand, object, filterable))
    case 'clause':
      return clauseMatches(filter, object[filter.property] ?? null, filterable.caseSensitive)
  }
}

function clauseMatches({ operator, values }: FilterClause, actual: Json, caseSensitive: boolean): boolean {
  const fold = (value: Json | FilterValue): Json | FilterValue =>
    typeof value === 'string' && !caseSensitive ? value.toLowerCase() : value
  const wanted = values.map(fold)
  if (operator === 'any') return Array.isArray(actual) && actual.map(fold).some(element => wanted.includes(element))
  if (operator === 'startswith') {
    const [prefix] = wanted
    const text = fold(actual)
    return typeof text === 'string' && typeof prefix === 'string' && text.startsWith(prefix)
  }
  return wanted.includes(fold(actual))
}
