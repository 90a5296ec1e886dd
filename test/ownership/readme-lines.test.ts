import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { addResourceGroup } from '../helpers/managed-identity.js'
import { objectsIn, stateDifference } from '../helpers/state-difference.js'
import { addApplication, addServicePrincipal } from '../helpers/state.js'
import { useStage } from './stage.js'

const stage = useStage()
const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const example = fileURLToPath(new URL('examples/workloads.yaml', root))

/** Splits a command line at white space outside quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''))

/** The lines of the README with this verb that are whole: they name a service account or a file. */
function linesWith(verb: 'create' | 'apply'): string[][] {
  const text = readme.replace(/\\\n\s*/g, '')
  return [...text.matchAll(/^azwi .*$|`(azwi [^`]*)`/gm)]
    .map(([line, quoted]) => wordsOf(quoted ?? line).slice(1))
    .filter(
      ([noun = '', found, ...flags]) =>
        ['serviceaccount', 'sa'].includes(noun) &&
        found === verb &&
        (flags.includes('--service-account-name') || flags.includes('-f'))
    )
}

const deleteLine = (name: string, namespace: string) => [
  ...['sa', 'delete', '--service-account-name', name, '--service-account-namespace', namespace]
]

function addNamespace(name: string): void {
  const { namespaces } = stage.state.cluster
  const { metadata, ...namespace } = namespaces.get('default')!
  namespaces.set(name, { ...namespace, metadata: { ...metadata, name, uid: name } })
}

describe('a plain delete after the lines of the README', () => {
  it('knows the lines', () => {
    expect(linesWith('create').length).toBeGreaterThan(1)
    expect(linesWith('apply').length).toBeGreaterThan(0)
  })

  it.each(linesWith('create').map(words => [words.join(' '), words] as const))(
    'leaves nothing: %s',
    async (_, words) => {
      for (const group of ['my-group', 'my-data']) addResourceGroup(stage.state, group)
      const before = objectsIn(stage.state)
      const created = await stage.attempt(words)
      expect(created.status, created.stderr).toBe(0)
      expect(created.changes.length).toBeGreaterThan(3)
      const flag = (name: string) => words[words.indexOf(name) + 1]!
      const { status, stderr } = await stage.attempt(
        deleteLine(flag('--service-account-name'), flag('--service-account-namespace'))
      )
      expect({ status, left: stateDifference(before, objectsIn(stage.state)) }, stderr).toEqual({ status: 0, left: [] })
    }
  )

  it.each(linesWith('apply').map(words => [words.join(' '), words] as const))(
    'leaves nothing: %s',
    async (_, words) => {
      const { state } = stage
      for (const group of ['payments', 'data']) addResourceGroup(state, group)
      for (const namespace of ['payments', 'payments-eu', 'payments-us']) addNamespace(namespace)
      const reports = addApplication(state, 'reports', { appId: '5f1c7c53-6f0a-4a3e-9a57-0d8f4b7c2a11' })
      addServicePrincipal(state, reports)
      const before = objectsIn(state)
      const applied = await stage.attempt(words.map(word => (word === 'workloads.yaml' ? example : word)))
      expect(applied.status, applied.stderr).toBe(0)
      const accounts = applied.changes.flatMap(change => /^\+ service account (.*)\/(.*)/.exec(change)?.slice(1) ?? [])
      expect(accounts.length).toBe(8)
      for (let index = 0; index < accounts.length; index += 2) {
        const { status, stderr } = await stage.attempt(deleteLine(accounts[index + 1]!, accounts[index]!))
        expect(status, stderr).toBe(0)
      }
      // The application that the file names by its ID stays.
      expect(stateDifference(before, objectsIn(state))).toEqual([])
    }
  )
})
