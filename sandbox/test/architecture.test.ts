import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { cyclesAmong, importsOf, readSources } from '../../test/helpers/imports.js'

const folder = fileURLToPath(new URL('../src', import.meta.url))
const sources = readSources(folder)
const imports = importsOf(folder, sources)
const isFile = (to: string): boolean => to.endsWith('.ts')

it('finds the imports of values, of types and of packages', () => {
  const ofState = imports.filter(({ from }) => from === 'state.ts').map(({ to }) => to)
  expect(ofState).toContain('graph/directory.ts')
  expect(imports).toContainEqual({ from: 'server/request-log.ts', to: 'jose', kind: 'run time' })
})

it('has no import cycle, imports of types included', () => {
  expect(cyclesAmong(imports)).toEqual([])
})

it('imports no file from outside sandbox/src', () => {
  expect(imports.filter(({ to }) => isFile(to) && !sources.has(to))).toEqual([])
})

it('imports only Node built-ins and the packages in sandbox/package.json', () => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  ) as Partial<Record<'dependencies' | 'devDependencies', Record<string, string>>>
  const declared = Object.keys({ ...dependencies, ...devDependencies })
  const packages = imports.map(({ to }) => to).filter(to => !isFile(to))
  expect([...new Set(packages)].filter(name => !isBuiltin(name) && !declared.includes(name))).toEqual([])
})
