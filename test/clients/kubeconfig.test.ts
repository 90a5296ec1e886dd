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
  it('is the one that KUBECONFIG names', async () => {
    expect(await server(file('one', 'one', 'https://one.example'))).toBe('https://one.example')
  })

  it('is several merged: the first to name a current context wins', async () => {
    expect(
      await server(
        file('none', 'none', 'https://none.example', ''),
        file('first', 'first', 'https://first.example'),
        file('second', 'second', 'https://second.example')
      )
    ).toBe('https://first.example')
  })

  it('is several of which some are not there', async () => {
    expect(await server('/nonexistent', file('there', 'there', 'https://there.example'))).toBe('https://there.example')
  })

  it('is several that name the same things: the first wins', async () => {
    expect(await server(file('a', 'same', 'https://a.example'), file('b', 'same', 'https://b.example'))).toBe(
      'https://a.example'
    )
  })

  it('may have its current context in one file and that context in another', async () => {
    const selecting = join(folder, 'selecting')
    writeFileSync(selecting, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'other' }))
    expect(await server(selecting, file('other', 'other', 'https://other.example', ''))).toBe('https://other.example')
  })
})
