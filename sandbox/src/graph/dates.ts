/** An instant with seven decimals, as Graph answers to the POST that made an object. The last four are made up: the clock has three. */
export function preciseDate(instant: Date): string {
  return instant.toISOString().replace('Z', '0001Z')
}

/** The same instant in whole seconds, as Graph shows it ever after. */
export function withoutFraction(date: string): string {
  return date.replace(/\.\d+Z$/, 'Z')
}
