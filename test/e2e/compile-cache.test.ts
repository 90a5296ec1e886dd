import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { binary, startFile } from '../helpers/binary.js'

const isRoot = process.getuid?.() === 0
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'azwi-test-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

/**
 * Runs azwi where a stand-in for Node's function writes down its arguments (Node 20 has no such function). Returns
 * them, or undefined.
 */
async function cacheArguments(
  environment: Readonly<Record<string, string | undefined>>,
  words: readonly string[] = ['sa', '--help']
): Promise<unknown> {
  const [standIn, log] = [join(directory, 'stand-in.cjs'), join(directory, 'arguments.json')]
  writeFileSync(
    standIn,
    `require('node:module').enableCompileCache = (...all) => require('node:fs').writeFileSync(${JSON.stringify(log)}, JSON.stringify(all))`
  )
  const { status, stderr } = await startFile(process.execPath, ['--require', standIn, binary, ...words], {
    XDG_CACHE_HOME: undefined,
    HOME: directory,
    ...environment
  }).ended
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return existsSync(log) ? (JSON.parse(readFileSync(log, 'utf8')) as unknown) : undefined
}

describe.skipIf(process.platform === 'win32')('the compile cache', () => {
  it('is in the cache folder of the user, in a folder that only the user can read', async () => {
    expect(await cacheArguments({})).toEqual([join(directory, '.cache', 'azwi')])
    expect(statSync(join(directory, '.cache', 'azwi')).mode & 0o777).toBe(0o700)
  })

  it('is in XDG_CACHE_HOME if that is set', async () => {
    const named = join(directory, 'named')
    expect(await cacheArguments({ XDG_CACHE_HOME: named })).toEqual([join(named, 'azwi')])
  })

  it('ignores a relative XDG_CACHE_HOME', async () => {
    expect(await cacheArguments({ XDG_CACHE_HOME: 'relative' })).toEqual([join(directory, '.cache', 'azwi')])
  })

  it.each(['755', '770', '777'])('is not used if its folder has the mode %s', async mode => {
    const folder = join(directory, '.cache', 'azwi')
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, mode)
    expect(await cacheArguments({})).toBeUndefined()
  })

  it('is not used if its folder is a link', async () => {
    mkdirSync(join(directory, '.cache'))
    mkdirSync(join(directory, 'elsewhere'), { mode: 0o700 })
    symlinkSync(join(directory, 'elsewhere'), join(directory, '.cache', 'azwi'))
    expect(await cacheArguments({})).toBeUndefined()
  })

  it('is not used if its folder is a file, or cannot be created', async () => {
    writeFileSync(join(directory, '.cache'), '')
    expect(await cacheArguments({})).toBeUndefined()
    expect(await cacheArguments({ XDG_CACHE_HOME: '/dev/null' })).toBeUndefined()
  })

  // Only root can give a folder to another user.
  it.runIf(isRoot)('is not used if its folder belongs to another user', async () => {
    const folder = join(directory, '.cache', 'azwi')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chownSync(folder, 12_345, 12_345)
    expect(await cacheArguments({})).toBeUndefined()
  })

  it.runIf(isRoot)('creates nothing in the home directory of another user', async () => {
    const home = join(directory, 'home')
    mkdirSync(home)
    chownSync(home, 12_345, 12_345)
    expect(await cacheArguments({ HOME: home })).toBeUndefined()
    expect(existsSync(join(home, '.cache'))).toBe(false)
  })

  it.each([['version'], ['--help']])('is not created by %s, which loads no bundle', async word => {
    expect(await cacheArguments({}, [word])).toBeUndefined()
  })

  it.runIf('enableCompileCache' in nodeModule)('holds the compiled bundle afterwards', async () => {
    const { status } = await startFile(process.execPath, [binary, 'sa', '--help'], {
      XDG_CACHE_HOME: directory,
      NODE_COMPILE_CACHE: undefined
    }).ended
    expect(status).toBe(0)
    expect(readdirSync(join(directory, 'azwi'))).not.toEqual([])
  })
})
