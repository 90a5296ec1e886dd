/** An instant with seven decimals, as RBAC writes it. The last four are made up: the clock has three. */
export function preciseDate(instant: Date): string {
  return instant.toISOString().replace('Z', '0000Z')
}
