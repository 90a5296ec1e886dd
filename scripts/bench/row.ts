/** A line of the table: what is measured, what it should be at most, and what it was. */
export interface Row {
  readonly what: string
  readonly goal: number
  readonly measured: number
  readonly unit?: string
  /** How it came about, for whoever wants to check it. */
  readonly how: string
}

export const isMet = ({ goal, measured }: Row): boolean => measured <= goal

/** The table in Markdown, as it goes into the README. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    row =>
      `| ${row.what} | ${row.goal}${row.unit ?? ''} | ${row.measured.toFixed(row.unit === undefined ? 2 : 0)}${row.unit ?? ''} | ${isMet(row) ? 'yes' : '**no**'} | ${row.how} |`
  )
  return ['| row | goal, at most | measured | met | how |', '| --- | --- | --- | --- | --- |', ...lines].join('\n')
}
