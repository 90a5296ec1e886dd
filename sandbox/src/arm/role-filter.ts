import { badRequest } from './errors.js'

/** A `$filter` of Microsoft.Authorization: comparisons by name, and functions of scope and assignee. All of them must hold. */
export interface RoleFilter {
  /** Property in lower case to the value that it must have. */
  readonly equal: ReadonlyMap<string, string>
  readonly atScope: boolean
  readonly atScopeAndBelow: boolean
  readonly assignedTo: string | undefined
}

/** Reads a filter; refuses what the resource does not support instead of leaving it out. */
export function parseRoleFilter(text: string | null, supported: readonly string[]): RoleFilter {
  const equal = new Map<string, string>()
  const functions = new Map<string, string>()
  let rest = text?.trim() ?? ''
  while (rest !== '') {
    const match =
      /^(?:(?<property>\w+)\s+eq\s+'(?<value>(?:[^']|'')*)'|(?<name>\w+)\(\s*(?:'(?<argument>[^']*)')?\s*\))(?:\s+and\s+(?=\S)|$)/i.exec(
        rest
      )
    const { property, value = '', name, argument = '' } = match?.groups ?? {}
    const clause = property ?? `${name ?? ''}()`
    if (match === null || !supported.some(known => known.toLowerCase() === clause.toLowerCase())) {
      throw badRequest(
        `The filter '${text ?? ''}' is not supported. Supported filters are: ${supported.join(', ')}.`,
        'UnsupportedQuery'
      )
    }
    if (property === undefined) functions.set(clause.toLowerCase(), argument)
    else equal.set(property.toLowerCase(), value.replaceAll("''", "'"))
    rest = rest.slice(match[0].length)
  }
  return {
    equal,
    atScope: functions.has('atscope()'),
    atScopeAndBelow: functions.has('atscopeandbelow()'),
    assignedTo: functions.get('assignedto()')
  }
}
