/** Formats a date as RFC 3339 in whole seconds, like `metav1.Time` in Kubernetes and most dates in Graph. */
export function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/**
 * Formats a date with seven decimals, as Azure RBAC, Entra and some Graph responses do. The clock has only three;
 * `lastDigits` are the other four.
 */
export function sevenDecimals(date: Date, lastDigits = '0000'): string {
  return date.toISOString().replace('Z', `${lastDigits}Z`)
}

/** Cuts the decimals off a formatted date. */
export function withoutFraction(date: string): string {
  return date.replace(/\.\d+Z$/, 'Z')
}
