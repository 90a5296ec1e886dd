import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOfInputs, isBuildFresh, writeStamp } from '../scripts/build-stamp.js'
import { buildIfStale } from './global-setup.js'
import { withProcessLock } from './helpers/process-lock.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'azwi-build-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

describe('the global setup', () => {
  it('does not rebuild a fresh dist/', async () => {
    const bundle = fileURLToPath(new URL('../dist/main.js', import.meta.url))
    const before = await stat(bundle)
    await buildIfStale()
    expect((await stat(bundle)).mtimeMs).toBe(before.mtimeMs)
  })
})

describe('a build', () => {
  const write = (path: string, content: string) => writeFile(join(folder, path), content)
  beforeEach(async () => {
    for (const path of ['src/commands', 'sandbox/src', 'scripts', 'dist'])
      await mkdir(join(folder, path), { recursive: true })
    for (const path of [
      'src/main.ts',
      'src/commands/jwks.ts',
      'scripts/build.ts',
      'package.json',
      'package-lock.json',
      'sandbox/package.json'
    ])
      await write(path, path)
    await writeStamp(folder, await digestOfInputs(folder))
  })

  it('is fresh until a file changes; modification times do not matter', async () => {
    expect(await isBuildFresh(folder)).toBe(true)
    await utimes(join(folder, 'src/main.ts'), 4_000_000_000, 4_000_000_000)
    expect(await isBuildFresh(folder)).toBe(true)
  })

  it.each([
    ['a source changes', () => write('src/commands/jwks.ts', 'changed')],
    ['a source is added', () => write('sandbox/src/new.ts', '')],
    ['a source is deleted', () => rm(join(folder, 'src/commands/jwks.ts'))],
    ['a build script changes', () => write('scripts/build.ts', 'changed')],
    ['the lock file changes', () => write('package-lock.json', 'changed')],
    ['dist/ is deleted', () => rm(join(folder, 'dist'), { recursive: true })]
  ])('is stale if %s', async (_, change) => {
    await change()
    expect(await isBuildFresh(folder)).toBe(false)
  })
})

describe('a process lock', () => {
  it('runs one piece of work at a time', async () => {
    let working = 0
    const work = async (): Promise<number> => {
      working += 1
      const together = working
      await new Promise(resolve => setImmediate(resolve))
      working -= 1
      return together
    }
    const lock = join(folder, 'lock')
    expect(await Promise.all(Array.from({ length: 5 }, () => withProcessLock(lock, work)))).toEqual([1, 1, 1, 1, 1])
  })

  it('is released after a failure', async () => {
    const lock = join(folder, 'lock')
    await expect(withProcessLock(lock, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    expect(await withProcessLock(lock, () => Promise.resolve('done'))).toBe('done')
  })

  it('is taken over from a process that has ended, by one of several', async () => {
    const lock = join(folder, 'lock')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await writeFile(lock, String(pid))
    let working = 0
    let maximum = 0
    const work = async (): Promise<void> => {
      maximum = Math.max(maximum, ++working)
      await new Promise(resolve => setImmediate(resolve))
      working -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => withProcessLock(lock, work)))
    expect(maximum).toBe(1)
  })

  it('names the file and its holder if it is never released', async () => {
    const lock = join(folder, 'lock')
    await writeFile(lock, String(process.pid))
    await expect(withProcessLock(lock, () => Promise.resolve(), 0)).rejects.toThrow(
      `${lock} is held by process ${process.pid}`
    )
  })
})
