import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { AzwiError, UsageError } from '../../src/errors.js'
import { writeFileAtomically } from '../../src/terminal/write-file.js'

const root = mkdtempSync(join(tmpdir(), 'azwi-write-'))
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'))
})
afterAll(() => {
  rmSync(root, { recursive: true })
})

const failure = (path: string, text = 'new') =>
  writeFileAtomically(path, text, 0o600).then(
    () => {
      throw new Error('the file was written')
    },
    (error: unknown) => error as AzwiError
  )

describe('writeFileAtomically', () => {
  it.each([0o600, 0o644])('writes a new file with mode %o under any umask', async mode => {
    const umask = process.umask(0o077)
    try {
      await writeFileAtomically(join(folder, 'a.json'), 'ä\n', mode)
    } finally {
      process.umask(umask)
    }
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('ä\n')
    expect(statSync(join(folder, 'a.json')).mode & 0o777).toBe(mode)
    expect(readdirSync(folder)).toEqual(['a.json'])
  })

  it('replaces a file by another one, so that processes that have it open still read the old one', async () => {
    const path = join(folder, 'a.json')
    writeFileSync(path, 'old and longer', { mode: 0o644 })
    const before = statSync(path).ino
    await writeFileAtomically(path, 'new', 0o600)
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path)).toMatchObject({ mode: 0o100600 })
    expect(statSync(path).ino).not.toBe(before)
  })

  it('writes a name without a folder to the working directory', async () => {
    const name = `azwi-write-file-${process.pid}.tmp`
    await writeFileAtomically(name, 'x', 0o600)
    expect(readFileSync(name, 'utf8')).toBe('x')
    rmSync(name)
  })

  it('leaves one complete text after many concurrent writes', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(50_000))
    await Promise.all(texts.map(text => writeFileAtomically(join(folder, 'a.json'), text, 0o600)))
    expect(texts).toContain(readFileSync(join(folder, 'a.json'), 'utf8'))
    expect(readdirSync(folder)).toEqual(['a.json'])
  })

  it('leaves the old file, and nothing else, if writing fails', async () => {
    writeFileSync(join(folder, 'a.json'), 'old')
    // A value that is not a text fails after the temporary file has been created, like a full disk.
    const error = await failure(join(folder, 'a.json'), Symbol('no text') as unknown as string)
    expect(error).toMatchObject({ constructor: AzwiError, code: 'WriteFailed', exitCode: 1 })
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['a.json'])
  })
})

describe('writeFileAtomically refuses, with a UsageError and a hint,', () => {
  it.each([
    ['an empty name', '', /is empty/],
    ['a directory', '.', /is a directory/],
    ['a folder that is missing', 'no/such/a.json', /there is no directory .*no\/such/],
    ['a folder that is a file', 'file/a.json', /file is not a directory/],
    ['a name that is too long', 'x'.repeat(300), /too long/],
    ['a symbolic link', 'link', /is a symbolic link/],
    ['a link to a file that does not exist', 'dangling', /is a symbolic link/]
  ])('%s', async (_, name, message) => {
    writeFileSync(join(folder, 'file'), 'old')
    symlinkSync('file', join(folder, 'link'))
    symlinkSync('nowhere', join(folder, 'dangling'))
    const error = await failure(name === '' ? '' : join(folder, name))
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toMatch(message)
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old')
    expect(readlinkSync(join(folder, 'link'))).toBe('file')
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'file', 'link'])
  })

  it('a device, which a rename would replace', async () => {
    expect((await failure('/dev/null')).message).toMatch(/not a regular file/)
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  it.skipIf(process.platform !== 'linux')('a folder that not even root may write to', async () => {
    const error = await failure('/sys/azwi.json')
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toMatch(/writing to \/sys is not allowed/)
  })
})
