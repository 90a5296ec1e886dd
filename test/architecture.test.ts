import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cyclesAmong, type Import, importsOf, readSources } from './helpers/imports.js'

const folder = fileURLToPath(new URL('../src', import.meta.url))
const sources = readSources(folder)
const files = [...sources.keys()]
const imports = importsOf(folder, sources)

/**
 * The rooms, from the lowest to the highest. A file imports only from its own room and from rooms below it, types included. A file
 * belongs to the room with the longest matching name.
 */
const rooms = [
  'errors.ts',
  'version.ts',
  'async.ts',
  'collections.ts',
  'yaml.ts',
  'host.ts',
  'domain',
  'config',
  'workloads',
  'terminal',
  'net',
  'clients',
  'auth',
  'context.ts',
  'identities',
  'ownership',
  'connections',
  'engine',
  'phases',
  'doctor/evidence',
  'doctor/finding.ts',
  'doctor/fixes',
  'doctor/explain',
  'doctor/checks',
  'doctor/diagnose.ts',
  'terminal/completion',
  'terminal/views',
  'app.ts',
  'commands',
  'flag-positions.ts',
  'program.ts',
  'main.ts'
] as const

const within =
  (room: string) =>
  (name: string): boolean =>
    name === room || name.startsWith(`${room}/`)
const describeImports = (found: readonly Import[]): string[] =>
  found.map(({ from, to, kind }) => `${from} → ${to} (${kind})`)
const importsThat = (test: (candidate: Import) => boolean): string[] => describeImports(imports.filter(test))
const isProjectFile = (name: string): boolean => name.endsWith('.ts')
const rankOf = (name: string): number => {
  const matching = rooms.filter(room => within(room)(name)).toSorted((a, b) => b.length - a.length)
  return matching[0] === undefined ? -1 : rooms.indexOf(matching[0])
}

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(200)
    expect(imports.filter(({ kind }) => kind === 'dynamic').length).toBeGreaterThan(5)
  })

  it('lead to a file', () => {
    const isMissing = (name: string): boolean => isProjectFile(name) && !files.includes(name)
    expect(importsThat(({ to }) => isMissing(to))).toEqual([])
  })

  it('go from higher rooms to lower ones, types included', () => {
    expect(files.filter(name => rankOf(name) === -1)).toEqual([])
    expect(importsThat(({ from, to }) => isProjectFile(to) && rankOf(to) > rankOf(from))).toEqual([])
  })

  it('have no cycle between files, types included', () => {
    expect(cyclesAmong(imports)).toEqual([])
  })

  it('find a cycle if there is one', () => {
    const cycle: Import[] = [
      { from: 'a.ts', to: 'b.ts', kind: 'type' },
      { from: 'b.ts', to: 'c.ts', kind: 'dynamic' },
      { from: 'c.ts', to: 'a.ts', kind: 'run time' },
      { from: 'd.ts', to: 'a.ts', kind: 'run time' }
    ]
    expect(cyclesAmong(cycle)).toEqual([['a.ts', 'b.ts', 'c.ts']])
  })
})

describe('the rooms', () => {
  it('each have a line in ARCHITECTURE.md', () => {
    const text = readFileSync(fileURLToPath(new URL('../ARCHITECTURE.md', import.meta.url)), 'utf8')
    expect(rooms.filter(room => !text.includes(`\`src/${room}${room.endsWith('.ts') ? '' : '/'}\``))).toEqual([])
  })

  it('domain has no I/O: it imports only node:crypto and jose', () => {
    const allowed = ['errors.ts', 'node:crypto', 'jose']
    expect(
      importsThat(({ from, to }) => within('domain')(from) && !within('domain')(to) && !allowed.includes(to))
    ).toEqual([])
  })

  it('phases, engine, identities and ownership know clients only as types', () => {
    const below = ['clients', 'auth', 'net']
    expect(
      importsThat(
        ({ from, to, kind }) =>
          ['phases', 'engine', 'identities', 'ownership'].some(room => within(room)(from)) &&
          below.some(room => within(room)(to)) &&
          kind !== 'type'
      )
    ).toEqual([])
  })

  it('the sandbox is loaded only by its command, and only when it runs', () => {
    expect(importsThat(({ from, to }) => to === 'azwi-sandbox' && !within('commands/sandbox')(from))).toEqual([])
    expect(importsThat(({ to, kind }) => to === 'azwi-sandbox' && kind === 'run time')).toEqual([])
  })

  it('only clients and net load an SDK, and only auth the one for logins', () => {
    const isSdk = (to: string): boolean => /^(@azure\/|@microsoft\/|@kubernetes\/)/.test(to)
    const isForLogins = (to: string): boolean => ['@azure/identity', '@azure/core-rest-pipeline'].includes(to)
    expect(
      importsThat(
        ({ from, to, kind }) =>
          isSdk(to) &&
          kind !== 'type' &&
          !within('clients')(from) &&
          !within('net')(from) &&
          !(within('auth')(from) && isForLogins(to))
      )
    ).toEqual([])
    const mayLogIn = (from: string): boolean => within('auth')(from) || within('clients/entra')(from)
    expect(importsThat(({ from, to }) => to === '@azure/identity' && !mayLogIn(from))).toEqual([])
  })

  it('terminal knows engine, connections and doctor only as types', () => {
    expect(
      importsThat(
        ({ from, to, kind }) =>
          within('terminal')(from) && ['engine', 'connections'].some(room => within(room)(to)) && kind !== 'type'
      )
    ).toEqual([])
  })

  it('the start-up loads no SDK, no client and no command but version', () => {
    const loaded = new Set(['main.ts'])
    for (const from of loaded)
      for (const { to } of imports.filter(each => each.from === from && each.kind === 'run time'))
        if (files.includes(to)) loaded.add(to)
    const mustNot = ['clients', 'auth', 'engine', 'phases', 'doctor', 'connections', 'identities', 'ownership', 'net']
    expect([...loaded].filter(name => mustNot.some(room => within(room)(name)))).toEqual([])
    expect([...loaded].filter(within('commands'))).toEqual(['commands/index.ts', 'commands/version.ts'])
    expect(
      importsThat(({ from, to, kind }) => loaded.has(from) && kind === 'run time' && /^(@|jose$)/.test(to))
    ).toEqual([])
  })
})

describe('the process', () => {
  /** The files that use the process, with the reason why they do not use the host. */
  const exceptions: Readonly<Record<string, string>> = {
    'host.ts': 'it is the host',
    'commands/sandbox/run.ts': 'it forwards signals to the child',
    'commands/sandbox/start.ts': 'signals end the sandbox',
    'net/trust.ts': 'Node itself reads NODE_EXTRA_CA_CERTS from the process, at start'
  }

  it('is used only by its host, with these exceptions', () => {
    const users = files.filter(name =>
      /(?<![\w.'`])process\.(env|exit|exitCode|argv|stdin|stdout|stderr|on|off|cwd)\b|once\(process,/.test(
        withoutComments(name)
      )
    )
    expect(users.filter(name => !(name in exceptions))).toEqual([])
  })

  it('is ended only by the host', () => {
    expect(files.filter(name => name !== 'host.ts' && /process\.exit\b/.test(withoutComments(name)))).toEqual([])
  })

  function withoutComments(name: string): string {
    return sources.get(name)!.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  }
})

describe('the files', () => {
  it('have at most 300 lines', () => {
    expect(files.filter(name => sources.get(name)!.split('\n').length > 301)).toEqual([])
  })
})
