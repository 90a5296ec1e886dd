import type { Json, JsonObject } from '../json.js'
import { malformed, unsupportedQuery } from './errors.js'
import { type Filter, type FilterClause, type FilterOperator, type FilterValue, parseFilter } from './filter-syntax.js'

/** How a resource can be queried with `$filter` and `$select`. */
export interface Filterable {
  /** Its name in error messages of the directory: `Application`. */
  readonly resource: string
  /** Its name in the OData layer: `microsoft.graph.application`. */
  readonly type: string
  readonly properties: readonly string[]
  /** The supported operators, keyed by property. A property without operators cannot be in a `$filter`. */
  readonly operators: Readonly<Record<string, readonly FilterOperator[]>>
  /**
   * Whether string comparisons are case-sensitive. They are for federated credentials, but not for directory objects.
   */
  readonly caseSensitive: boolean
  /** Whether a filter can contain `and` and `or`. */
  readonly combinations: boolean
}

/** The maximum number of comparisons joined by `or`, and of values of `in` (Graph, "Too many child clauses"). */
const maximumAlternatives = 15

/**
 * Compiles a `$filter` to a predicate. Throws Graph's 400 if it is malformed, or uses an unknown property or an
 * unsupported operator.
 */
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
