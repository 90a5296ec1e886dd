/** RFC 3339 in whole seconds, as Kubernetes' `metav1.Time` and most of Graph are written. */
export function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** Seven decimals; the last four digits are made up, because the clock has milliseconds only. */
export function sevenDecimals(date: Date, lastDigits = '0000'): string {
  return date.toISOString().replace('Z', `${lastDigits}Z`)
}

/** The same instant in whole seconds, as Graph shows it ever after. */
export function withoutFraction(date: string): string {
  return date.replace(/\.\d+Z$/, 'Z')
}
