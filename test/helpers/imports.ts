import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'

export interface Import {
  readonly from: string
  /** A path relative to the folder, or the name of a package. */
  readonly to: string
  readonly kind: 'run time' | 'type' | 'dynamic'
}

/** The TypeScript files of a folder with their text, by their path in the folder. */
export function readSources(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith('.ts'))
  return new Map(names.map(name => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Lists all imports of the files: of values, of types, re-exports, `import(…)` and import types. */
export function importsOf(folder: string, sources: ReadonlyMap<string, string>): Import[] {
  return [...sources].flatMap(([from, text]) => importsOfFile(folder, from, text))
}

function importsOfFile(folder: string, from: string, text: string): Import[] {
  const found: Import[] = []
  const add = (specifier: ts.Node | undefined, kind: Import['kind']): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return
    const path = relative(folder, join(folder, dirname(from), specifier.text)).replaceAll('\\', '/')
    found.push({ from, to: specifier.text.startsWith('.') ? path.replace(/\.js$/, '.ts') : specifier.text, kind })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node) ? 'type' : 'run time')
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'run time')
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type')
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], 'dynamic')
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(from, text, ts.ScriptTarget.Latest, true))
  return found
}

function isTypeImport({ importClause: clause }: ts.ImportDeclaration): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : []
  return clause.name === undefined && named.length > 0 && named.every(({ isTypeOnly }) => isTypeOnly)
}

/** Finds the groups of files that import each other, directly or not. Each group is a sorted list. */
export function cyclesAmong(imports: readonly Import[]): string[][] {
  const targets = new Map<string, string[]>()
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to])
  const reachable = new Map([...targets.keys()].map(name => [name, reachableFrom(name, targets)]))
  const groups = [...reachable]
    .filter(([name, found]) => found.has(name))
    .map(([name, found]) => [...found].filter(other => reachable.get(other)?.has(name)).toSorted())
  return [...new Map(groups.map(group => [group.join(), group])).values()]
}

function reachableFrom(start: string, targets: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>()
  const queue = [start]
  for (const name of queue) {
    for (const target of targets.get(name) ?? []) {
      if (found.has(target)) continue
      found.add(target)
      queue.push(target)
    }
  }
  return found
}
