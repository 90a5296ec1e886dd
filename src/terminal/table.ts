import { onOneLine } from './log.js'

/** Columns as kubectl prints them: aligned left, three spaces apart, nothing after the last one. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map(cells => cells.map(onOneLine))
  const widths = header.map((_, column) => Math.max(...lines.map(cells => cells[column]?.length ?? 0)))
  return lines
    .map(
      cells =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`
    )
    .join('')
}
