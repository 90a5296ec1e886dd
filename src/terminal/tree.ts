import { onOneLine } from './log.js'

export interface TreeNode {
  readonly text: string
  readonly children: readonly TreeNode[]
  /** How its text is coloured. */
  readonly paint?: (text: string) => string
}

/** A tree with branches drawn, a line for each node. */
export function tree(root: TreeNode): string {
  return `${shown(root)}\n${branches(root.children, '')}`
}

const shown = ({ text, paint }: TreeNode): string => (paint === undefined ? onOneLine(text) : paint(onOneLine(text)))

function branches(children: readonly TreeNode[], indent: string): string {
  return children
    .map((child, index) => {
      const isLast = index === children.length - 1
      return `${indent}${isLast ? '└── ' : '├── '}${shown(child)}\n${branches(child.children, `${indent}${isLast ? '    ' : '│   '}`)}`
    })
    .join('')
}
