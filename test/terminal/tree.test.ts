import { describe, expect, it } from 'vitest'
import { tree } from '../../src/terminal/tree.js'

const node = (text: string, ...children: Parameters<typeof tree>[0][]) => ({ text, children })

describe('a tree', () => {
  it('draws a branch to every node', () => {
    expect(tree(node('root', node('a', node('a1'), node('a2')), node('b', node('b1'))))).toBe(
      'root\n├── a\n│   ├── a1\n│   └── a2\n└── b\n    └── b1\n'
    )
  })

  it('without children is one line, even if the text has line breaks', () => {
    expect(tree(node('one\ntwo'))).toBe('one two\n')
  })
})
