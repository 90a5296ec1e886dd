import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const source = fileURLToPath(new URL('../src', import.meta.url))

interface Import {
  readonly from: string
  /** A file of ours, relative to src; or a package. */
  readonly to: string
  readonly kind: 'run time' | 'type' | 'dynamic'
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'))
const text = new Map(files.map(name => [name, readFileSync(join(source, name), 'utf8')]))
const imports = files.flatMap(importsOf)

function importsOf(from: string): Import[] {
  const found: Import[] = []
  const add = (specifier: string, kind: Import['kind']): void => {
    const to = specifier.startsWith('.')
      ? relative(source, join(source, dirname(from), specifier)).replace(/\.js$/, '.ts')
      : specifier
    found.push({ from, to, kind })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause
      const named =
        clause?.namedBindings !== undefined && ts.isNamedImports(clause.namedBindings)
          ? clause.namedBindings.elements
          : []
      const onlyTypes =
        clause !== undefined &&
        (clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
          (clause.name === undefined && named.length > 0 && named.every(each => each.isTypeOnly)))
      add(node.moduleSpecifier.text, onlyTypes ? 'type' : 'run time')
    }
    if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly ? 'type' : 'run time')
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      if (specifier !== undefined && ts.isStringLiteral(specifier)) add(specifier.text, 'dynamic')
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(from, text.get(from)!, ts.ScriptTarget.Latest, true))
  return found
}

const within =
  (room: string) =>
  (name: string): boolean =>
    name.startsWith(`${room}/`)
const show = (found: readonly Import[]): string[] => found.map(({ from, to, kind }) => `${from} → ${to} (${kind})`)
const where = (test: (each: Import) => boolean): string[] => show(imports.filter(test))

describe('the arrows of the design', () => {
  it('were read at all', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.filter(({ kind }) => kind === 'dynamic').length).toBeGreaterThan(5)
  })

  it('every import of ours leads to a file', () => {
    expect(where(({ to }) => to.endsWith('.ts') && !files.includes(to))).toEqual([])
  })

  it('phases know clients only as types', () => {
    expect(
      where(
        ({ from, to, kind }) =>
          within('phases')(from) &&
          (within('clients')(to) || within('auth')(to) || within('net')(to)) &&
          kind !== 'type'
      )
    ).toEqual([])
  })

  it('domain is pure: errors, node:crypto and jose', () => {
    expect(
      where(
        ({ from, to }) =>
          within('domain')(from) && !within('domain')(to) && !['errors.ts', 'node:crypto', 'jose'].includes(to)
      )
    ).toEqual([])
  })

  it('the sandbox stands alone: it knows nothing of ours, and only its command knows it', () => {
    expect(where(({ from, to }) => to === 'azwi-sandbox' && !within('commands/sandbox')(from))).toEqual([])
    expect(where(({ to, kind }) => to === 'azwi-sandbox' && kind === 'run time')).toEqual([])
  })

  it('only clients import an SDK of Azure, Graph or Kubernetes, and only auth that of the login', () => {
    const sdk = (to: string): boolean => /^(@azure\/|@microsoft\/|@kubernetes\/)/.test(to)
    expect(
      where(
        ({ from, to, kind }) =>
          sdk(to) &&
          kind !== 'type' &&
          !within('clients')(from) &&
          !within('net')(from) &&
          !(within('auth')(from) && ['@azure/identity', '@azure/core-rest-pipeline'].includes(to))
      )
    ).toEqual([])
    expect(
      where(({ from, to }) => to === '@azure/identity' && !within('auth')(from) && !within('clients/entra')(from))
    ).toEqual([])
  })

  it('terminal knows of phases only their types, and of clients nothing', () => {
    expect(
      where(
        ({ from, to, kind }) =>
          within('terminal')(from) && (within('clients')(to) || (within('phases')(to) && kind !== 'type'))
      )
    ).toEqual([])
  })

  it('nothing below the commands calls back up', () => {
    const top = ['commands/index.ts', 'main.ts', 'program.ts']
    const rooms = [
      'phases',
      'engine',
      'identities',
      'ownership',
      'connections',
      'doctor',
      'domain',
      'clients',
      'net',
      'auth',
      'config',
      'terminal'
    ]
    expect(
      where(
        ({ from, to }) =>
          rooms.some(room => within(room)(from)) && (within('commands')(to) || [...top, 'app.ts'].includes(to))
      )
    ).toEqual([])
    expect(where(({ from, to }) => from === 'app.ts' && (within('commands')(to) || top.includes(to)))).toEqual([])
    expect(
      where(
        ({ from, to }) =>
          within('config')(from) && ['phases', 'clients', 'auth', 'terminal'].some(room => within(room)(to))
      )
    ).toEqual([])
  })

  it('what is loaded at start holds no SDK, and no command but version, for which a file of its own would cost more than it holds', () => {
    const loaded = new Set(['main.ts'])
    for (const from of loaded)
      for (const { to } of imports.filter(each => each.from === from && each.kind === 'run time'))
        if (files.includes(to)) loaded.add(to)
    expect(
      [...loaded].filter(name => ['clients', 'auth', 'sandbox', 'phases'].some(room => within(room)(name)))
    ).toEqual([])
    expect([...loaded].filter(name => within('commands')(name))).toEqual(['commands/index.ts', 'commands/version.ts'])
    expect(where(({ from, to, kind }) => loaded.has(from) && kind === 'run time' && /^(@|jose$)/.test(to))).toEqual([])
  })
})

describe('the process', () => {
  /** Whoever reads it, and why that cannot be handed in. */
  const exceptions: Readonly<Record<string, string>> = {
    'host.ts': 'it is what hands the process in',
    'commands/sandbox/run.ts': 'signals of the process are handed on to the child',
    'commands/sandbox/start.ts': 'signals of the process end the sandbox',
    'net/trust.ts': 'NODE_EXTRA_CA_CERTS is read by Node itself, at start, from the process'
  }

  it('is spoken to only by its host, with these exceptions', () => {
    const speakers = files.filter(name =>
      /(?<![\w.'`])process\.(env|exit|exitCode|argv|stdin|stdout|stderr|on|off|cwd)\b|once\(process,/.test(
        withoutComments(name)
      )
    )
    expect(speakers.filter(name => !(name in exceptions))).toEqual([])
  })

  it('is ended by nobody but the host', () => {
    expect(files.filter(name => name !== 'host.ts' && /process\.exit\b/.test(withoutComments(name)))).toEqual([])
  })

  function withoutComments(name: string): string {
    return text.get(name)!.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  }
})

describe('the files', () => {
  const lengths = files
    .map(name => ({ name, lines: text.get(name)!.split('\n').length }))
    .sort((a, b) => a.lines - b.lines)

  it('have at most 350 lines', () => {
    expect(lengths.filter(({ lines }) => lines > 350)).toEqual([])
  })

  it('have a median under 90 lines', () => {
    expect(lengths[Math.floor(lengths.length / 2)]!.lines).toBeLessThan(90)
  })
})
