import { singleLine } from './log.js'

/** A node of a tree to print. */
export interface TreeNode {
  readonly text: string
  readonly children: readonly TreeNode[]
  /** Colors the text. */
  readonly color?: (text: string) => string
}

/** Draws a tree, with one line per node. */
export function tree(root: TreeNode): string {
  return `${format(root)}\n${branches(root.children, '')}`
}

const format = ({ text, color }: TreeNode): string => (color === undefined ? singleLine(text) : color(singleLine(text)))

function branches(children: readonly TreeNode[], indent: string): string {
  return children
    .map((child, index) => {
      const isLast = index === children.length - 1
      return `${indent}${isLast ? '└── ' : '├── '}${format(child)}\n${branches(child.children, `${indent}${isLast ? '    ' : '│   '}`)}`
    })
    .join('')
}
