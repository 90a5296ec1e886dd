/** A row of the table: what is measured, the goal (an upper bound), and the result. */
export interface Row {
  readonly what: string
  readonly goal: number
  readonly measured: number
  readonly unit?: string
  /** The figures behind the result. */
  readonly how: string
}

export const isMet = ({ goal, measured }: Row): boolean => measured <= goal

/** Returns the table in Markdown, as the README shows it. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    row =>
      `| ${row.what} | ${row.goal}${row.unit ?? ''} | ${row.measured.toFixed(row.unit === undefined ? 2 : 0)}${row.unit ?? ''} | ${isMet(row) ? 'yes' : '**no**'} | ${row.how} |`
  )
  return ['| row | goal, at most | measured | met | how |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}
