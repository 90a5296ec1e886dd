import { type Json, type JsonObject, valueAt } from '../json.js'

/** A row of the table `Resources`. */
export type Row = JsonObject

/** A parsed query: what it does with the rows of the table. */
export interface Query {
  readonly run: (rows: readonly Row[]) => Row[]
  /** Whether the result has the column `id`. Without it, there are no page tokens (Resource Graph, paging). */
  readonly hasId: boolean
}

type Step = (rows: readonly Row[]) => Row[]

/**
 * Parses a query in the language of Resource Graph. Supports the table `Resources` and the operators `where` (with `==`,
 * `=~`, `in`, `in~` and `and`), `project`, `order by`, `take` and `limit`. Returns undefined for anything else.
 */
export function parseQuery(text: string): Query | undefined {
  const [table = '', ...operators] = splitOutsideQuotes(text, '|').map(part => part.trim())
  if (table.toLowerCase() !== 'resources') return undefined
  const steps = operators.map(parseOperator)
  if (!steps.every(step => step !== undefined)) return undefined
  const projections = operators.filter(operator => /^project\s/i.test(operator)).map(columnsOf)
  return {
    run: rows => steps.reduce<Row[]>((result, step) => step(result), [...rows]),
    hasId: projections.every(columns => columns.includes('id'))
  }
}

function parseOperator(operator: string): Step | undefined {
  const [, name = '', rest = ''] = /^(\w+)\s+([\s\S]+)$/.exec(operator) ?? []
  switch (name.toLowerCase()) {
    case 'where': {
      const conditions = splitOutsideQuotes(rest, /\s+and\s+/i).map(parseCondition)
      if (!conditions.every(condition => condition !== undefined)) return undefined
      return rows => rows.filter(row => conditions.every(condition => condition(row)))
    }
    case 'project': {
      const columns = columnsOf(operator)
      if (!columns.every(isColumn)) return undefined
      return rows => rows.map(row => Object.fromEntries(columns.map(column => [column, read(row, column)])))
    }
    case 'order':
    case 'sort': {
      const [, column = '', direction = 'desc'] = /^by\s+([\w.]+)(?:\s+(asc|desc))?$/i.exec(rest) ?? []
      if (!isColumn(column)) return undefined
      const sign = direction.toLowerCase() === 'asc' ? 1 : -1
      return rows =>
        rows.toSorted((one, other) => sign * asText(read(one, column)).localeCompare(asText(read(other, column))))
    }
    case 'take':
    case 'limit':
      return /^\d+$/.test(rest.trim()) ? rows => rows.slice(0, Number(rest)) : undefined
    default:
      return undefined
  }
}

function parseCondition(text: string): ((row: Row) => boolean) | undefined {
  const match = /^(?:tostring\(\s*([\w.]+)\s*\)|([\w.]+))\s*(==|=~|in~|in)\s*([\s\S]+)$/i.exec(text.trim())
  if (match === null) return undefined
  const [, converted, plain, operator = '', operand = ''] = match
  const column = converted ?? plain ?? ''
  const values = operator.startsWith('in') ? listOf(operand) : [stringOf(operand)]
  if (!isColumn(column) || !values?.every(value => value !== undefined)) return undefined
  const fold = operator.endsWith('~')
    ? (value: string): string => value.toLowerCase()
    : (value: string): string => value
  return row => values.some(value => fold(value) === fold(asText(read(row, column))))
}

function listOf(text: string): (string | undefined)[] | undefined {
  const [, list] = /^\(([\s\S]*)\)$/.exec(text.trim()) ?? []
  return list === undefined ? undefined : splitOutsideQuotes(list, ',').map(stringOf)
}

/** Returns the value of a string literal in single or double quotes, without escapes. */
function stringOf(literal: string): string | undefined {
  const [, single, double] = /^(?:'([^'\\]*)'|"([^"\\]*)")$/.exec(literal.trim()) ?? []
  return single ?? double
}

function columnsOf(operator: string): string[] {
  return operator
    .replace(/^project\s+/i, '')
    .split(',')
    .map(column => column.trim())
}

/** The columns of the table (Resource Graph, starter queries). Names of columns are case-sensitive. */
const columns = ['id', 'name', 'type', 'tenantId', 'location', 'resourceGroup', 'subscriptionId', 'tags', 'properties']

function isColumn(text: string): boolean {
  const [column = '', ...path] = text.split('.')
  return columns.includes(column) && (path.length === 0 || column === 'tags' || column === 'properties')
}

function read(row: Row, column: string): Json {
  return valueAt(row, ...column.split('.')) ?? null
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
}

/** Splits a text at a separator, except inside quotes. */
function splitOutsideQuotes(text: string, separator: string | RegExp): string[] {
  const quoted: string[] = []
  const masked = text.replace(/'[^']*'|"[^"]*"/g, literal => `\u0000${quoted.push(literal) - 1}\u0000`)
  return masked
    .split(separator)
    .map(part => part.replace(/\u0000(\d+)\u0000/g, (_, index) => quoted[Number(index)] ?? ''))
}
