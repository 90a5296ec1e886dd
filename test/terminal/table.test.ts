import { describe, expect, it } from 'vitest'
import { table } from '../../src/terminal/table.js'

describe('a table', () => {
  it('aligns its columns three spaces apart, without trailing spaces', () => {
    expect(
      table(
        ['A', 'LONG', 'C'],
        [
          ['value', 'x', 'y'],
          ['v', '', '']
        ]
      )
    ).toBe('A       LONG   C\nvalue   x      y\nv\n')
  })

  it('keeps a value with line breaks on its line', () => {
    expect(table(['A', 'B'], [['one\ntwo\x1b[31m', 'b']])).toBe('A              B\none two [31m   b\n')
  })
})
