export type Labels = Readonly<Record<string, string>>

/** As Kubernetes' SDK has them in its classes. */
interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}
export interface Selector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly Requirement[]
}

/** A requirement that labels do not meet. */
export interface Unmet {
  readonly key: string
  /** Undefined where there is no such label. */
  readonly found: string | undefined
  /** In words, as `not "true"`. */
  readonly expected: string
  /** A value that would meet it; null where the label has to go. */
  readonly value: string | null
}

/** What keeps labels from being selected; an absent or empty selector selects everything. Source: Kubernetes, Labels and Selectors, LabelSelector v1 meta. */
export function unmet(selector: Selector | undefined, labels: Labels): Unmet[] {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]): Requirement => ({
    key,
    operator: 'In',
    values: [value]
  }))
  return [...equal, ...(selector?.matchExpressions ?? [])].flatMap(({ key, operator, values = [] }): Unmet[] => {
    const found = labels[key]
    const listed = found !== undefined && values.includes(found)
    const quoted = values.map(value => JSON.stringify(value)).join(' or ')
    if (operator === 'In') return listed ? [] : [{ key, found, expected: quoted, value: values[0] ?? '' }]
    if (operator === 'NotIn') return listed ? [{ key, found, expected: `not ${quoted}`, value: null }] : []
    if (operator === 'Exists') return found === undefined ? [{ key, found, expected: 'any value', value: 'true' }] : []
    return found === undefined ? [] : [{ key, found, expected: 'no such label', value: null }]
  })
}

/** A label as it is written in YAML: `team: "shop"`; of one that is not there, its key and that. */
export function labelText(key: string, value: string | undefined): string {
  return value === undefined ? `no label ${key}` : `${key}: ${JSON.stringify(value)}`
}
