import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadKubeconfig } from '../../src/clients/kubernetes/kubeconfig.js'

const folder = mkdtempSync(join(tmpdir(), 'azwi-kubeconfig-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function file(name: string, context: string, server: string, current: string = context): string {
  const path = join(folder, name)
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: context, cluster: { server } }],
      users: [{ name: context, user: { token: 'x' } }],
      contexts: [{ name: context, context: { cluster: context, user: context } }],
      'current-context': current
    })
  )
  return path
}
const server = async (...paths: readonly string[]) =>
  (await loadKubeconfig({ KUBECONFIG: paths.join(delimiter) })).getCurrentCluster()?.server

describe('the kubeconfig that kubectl would use', () => {
  it('is the file in KUBECONFIG', async () => {
    expect(await server(file('one', 'one', 'https://one.example'))).toBe('https://one.example')
  })

  it('has the current context of the first of several files that has one', async () => {
    expect(
      await server(
        file('none', 'none', 'https://none.example', ''),
        file('first', 'first', 'https://first.example'),
        file('second', 'second', 'https://second.example')
      )
    ).toBe('https://first.example')
  })

  it('can be in files of which some do not exist', async () => {
    expect(await server('/nonexistent', file('there', 'there', 'https://there.example'))).toBe('https://there.example')
  })

  it('has the entry of the first file if several have the same name', async () => {
    expect(await server(file('a', 'same', 'https://a.example'), file('b', 'same', 'https://b.example'))).toBe(
      'https://a.example'
    )
  })

  it('can have the name of the current context in one file and the context in another', async () => {
    const selecting = join(folder, 'selecting')
    writeFileSync(selecting, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'other' }))
    expect(await server(selecting, file('other', 'other', 'https://other.example', ''))).toBe('https://other.example')
  })
})
