import { badRequest } from './errors.js'

/** A parsed `$filter` of Microsoft.Authorization. An object must match all of its parts. */
export interface RoleFilter {
  /** The required values, keyed by property name in lower case. */
  readonly equal: ReadonlyMap<string, string>
  readonly atScope: boolean
  readonly atScopeAndBelow: boolean
  readonly assignedTo: string | undefined
}

/** Parses a `$filter`. Throws a 400 for a part that is not in `supported`. */
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
