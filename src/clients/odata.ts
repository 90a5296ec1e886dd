/** Returns an OData string literal. Quotes inside are doubled. Source: OData 4.01 URL conventions, 5.1.1.6.1. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Returns a filter for objects whose property has one of these values. Services limit the number of values. */
export const equalsAny = (property: string, values: readonly string[]): string =>
  values.length === 1 && values[0] !== undefined
    ? `${property} eq ${quoted(values[0])}`
    : `${property} in (${values.map(quoted).join(', ')})`
