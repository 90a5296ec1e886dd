import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const workspace = fileURLToPath(new URL('..', import.meta.url))
const source = join(workspace, 'src')

interface Import {
  readonly from: string
  /** A path relative to `sandbox/src`, or the name of a package. */
  readonly to: string
  readonly isFile: boolean
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .map(name => name.replaceAll('\\', '/'))
  .filter(name => name.endsWith('.ts'))
const imports = files.flatMap(importsOf)

/** Lists all imports of a file: of values, of types, re-exports, and `import(…)`. */
function importsOf(from: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(source, from), 'utf8'), true, true)
  return importedFiles.map(({ fileName }) => {
    const isFile = fileName.startsWith('.')
    const path = relative(source, join(source, dirname(from), fileName)).replaceAll('\\', '/')
    return { from, to: isFile ? path.replace(/\.js$/, '.ts') : fileName, isFile }
  })
}

/** Finds the groups of files that import each other (Tarjan's strongly connected components). */
function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (file: string): void => {
    order.set(file, order.size)
    lowest.set(file, order.get(file)!)
    stack.push(file)
    for (const next of edges.get(file) ?? []) {
      if (!order.has(next)) visit(next)
      if (stack.includes(next)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!))
    }
    if (lowest.get(file) !== order.get(file)) return
    const group = stack.splice(stack.indexOf(file))
    if (group.length > 1 || edges.get(file)?.includes(file)) cycles.push(group.sort())
  }
  for (const file of edges.keys()) if (!order.has(file)) visit(file)
  return cycles
}

it('finds the imports of values, of types and of packages', () => {
  const ofState = imports.filter(({ from }) => from === 'state.ts').map(({ to }) => to)
  expect(ofState).toContain('graph/directory.ts')
  expect(imports).toContainEqual({ from: 'server/request-log.ts', to: 'jose', isFile: false })
  const edges = { a: ['b'], b: ['a', 'c'], c: [] }
  expect(cyclesIn(new Map(Object.entries(edges)))).toEqual([['a', 'b']])
})

it('has no import cycle, imports of types included', () => {
  const edges = files.map(
    file => [file, imports.filter(({ from, isFile }) => isFile && from === file).map(({ to }) => to)] as const
  )
  expect(cyclesIn(new Map(edges))).toEqual([])
})

it('imports no file from outside sandbox/src', () => {
  expect(imports.filter(({ to, isFile }) => isFile && !files.includes(to))).toEqual([])
})

it('imports only Node built-ins and the packages in sandbox/package.json', () => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(workspace, 'package.json'), 'utf8')
  ) as Partial<Record<'dependencies' | 'devDependencies', Record<string, string>>>
  const declared = Object.keys({ ...dependencies, ...devDependencies })
  const packages = imports.filter(({ isFile }) => !isFile).map(({ to }) => to)
  expect([...new Set(packages)].filter(name => !isBuiltin(name) && !declared.includes(name))).toEqual([])
})
