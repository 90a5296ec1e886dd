import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startFile } from '../helpers/binary.js'

const project = fileURLToPath(new URL('../..', import.meta.url))
const files = ['package.json', 'package-lock.json', 'sandbox/package.json', 'scripts', 'bin', 'src', 'sandbox/src']

let clone: string
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'azwi-test-'))
  for (const file of files) cpSync(join(project, file), join(clone, file), { recursive: true })
})
afterEach(() => {
  rmSync(clone, { recursive: true, force: true })
})
const startIn = (file: string, ...words: readonly string[]) =>
  startFile('/bin/sh', ['-c', 'cd "$0" && exec "$@"', clone, file, ...words], {}).ended

// .ci/run tests the other case, a clone with all dependencies: that needs a registry.
describe('npm ci --omit=dev', { timeout: 60_000 }, () => {
  it('succeeds in a clone, and builds nothing', async () => {
    const { status, stderr } = await startIn('npm', 'ci', '--omit=dev', '--offline', '--no-audit', '--no-fund')
    expect(status, stderr).toBe(0)
    expect(existsSync(join(clone, 'dist'))).toBe(false)
    expect(readdirSync(join(clone, 'node_modules')).filter(name => !name.startsWith('.'))).toEqual(['azwi-sandbox'])
  })
})

describe('prepare', { timeout: 60_000 }, () => {
  it('does nothing without the build tools', async () => {
    const ended = await startIn(process.execPath, 'scripts/prepare.cjs')
    expect(ended).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(existsSync(join(clone, 'dist'))).toBe(false)
  })
})
