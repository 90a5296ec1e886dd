import { onOneLine } from './log.js'

export interface TreeNode {
  readonly text: string
  readonly children: readonly TreeNode[]
}

/** A tree with branches drawn, a line for each node. */
export function tree({ text, children }: TreeNode): string {
  return `${onOneLine(text)}\n${branches(children, '')}`
}

function branches(children: readonly TreeNode[], indent: string): string {
  return children.map(({ text, children: below }, index) => {
    const isLast = index === children.length - 1
    return `${indent}${isLast ? '└── ' : '├── '}${onOneLine(text)}\n${branches(below, `${indent}${isLast ? '    ' : '│   '}`)}`
  }).join('')
}
