import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '../helpers/clock.js'
import { preparedKey } from '../helpers/keys.js'
import { jwksCommand } from '../../src/commands/jwks.js'
import { UsageError } from '../../src/errors.js'
import type { KeySet } from '../../src/domain/key-set.js'
import { createIo } from '../../src/terminal/io.js'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/keys/${name}`, import.meta.url))
const golden = readFileSync(fixture('rsa.jwks.json'), 'utf8')
const rsaId = '-rkTWvUs7LELjfh3hrq3QvmKNmwM8XbCybTIIg3qlv4'
const p256Id = 'gx1HLdwrnnNZCvxwd0QN1N2VHULGZk4QcXKse3l4AcY'

const root = mkdtempSync(join(tmpdir(), 'azwi-jwks-'))
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(root, 'test-'))
})
afterAll(() => {
  rmSync(root, { recursive: true })
})

function collect(): { readonly stream: Writable; readonly text: () => string } {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
    }
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

/** Runs the command in this process. Rejects with the error of the command. */
async function jwks(
  argv: readonly string[],
  stdin = ''
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const stdout = collect()
  const stderr = collect()
  const streams = { stdin: Readable.from([Buffer.from(stdin)]), stdout: stdout.stream, stderr: stderr.stream }
  const io = createIo(
    {
      environment: {},
      ...streams,
      interruption: new AbortController().signal,
      ...createClock()
    },
    false
  )
  await jwksCommand(io).exitOverride().parseAsync(argv, { from: 'user' })
  return { stdout: stdout.text(), stderr: stderr.text() }
}

async function refusal(argv: readonly string[], stdin?: string): Promise<UsageError> {
  const error: unknown = await jwks(argv, stdin).catch((thrown: unknown) => thrown)
  if (!(error instanceof UsageError)) throw new Error('expected a UsageError', { cause: error })
  return error
}

const kids = (stdout: string) => (JSON.parse(stdout) as KeySet).keys.map(key => key.kid)

describe('azwi jwks', () => {
  it('writes the key set to stdout and nothing else', async () => {
    expect(await jwks(['--public-keys', fixture('rsa.pub')])).toEqual({ stdout: golden, stderr: '' })
  })

  it.each([
    ['comma-separated', (a: string, b: string) => ['--public-keys', `${a},${b}`]],
    ['comma-separated with a space', (a: string, b: string) => ['--public-keys', `${a}, ${b}`]],
    ['repeated', (a: string, b: string) => ['--public-keys', a, '--public-keys', b]],
    ['both', (a: string, b: string) => ['--public-keys', `${a},${b}`, '--public-keys', a]]
  ])('takes several files, %s, in order, and lists each key once', async (_, flags) => {
    const { stdout } = await jwks(flags(fixture('rsa.crt'), fixture('p256.pub')))
    expect(kids(stdout)).toEqual([rsaId, p256Id])
    expect(kids((await jwks(flags(fixture('p256.pub'), fixture('rsa.pub')))).stdout)).toEqual([p256Id, rsaId])
  })

  it('reads stdin for -', async () => {
    const stdin = readFileSync(fixture('rsa.pub'), 'utf8')
    expect((await jwks(['--public-keys', '-'], stdin)).stdout).toBe(golden)
    expect((await jwks(['--public-keys', '-,-'], stdin)).stdout).toBe(golden)
  })

  it('leaves out the private part of a key', async () => {
    const { privateKey } = preparedKey()
    writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const { d, n } = privateKey.export({ format: 'jwk' })
    const { stdout, stderr } = await jwks(['--public-keys', join(folder, 'sa.key')])
    expect(stdout).toContain(n)
    expect(`${stdout}${stderr}`).not.toContain(d)
    expect((JSON.parse(stdout) as KeySet).keys.map(key => Object.keys(key))).toEqual([
      ['use', 'kty', 'kid', 'alg', 'n', 'e']
    ])
  })

  it('warns once for each key that Entra refuses', async () => {
    const { stdout, stderr } = await jwks([
      '--public-keys',
      ['rsa.pub', 'p256.pub', 'p384.pub'].map(fixture).join(','),
      '--public-keys',
      fixture('p256.pub')
    ])
    expect(kids(stdout)).toHaveLength(3)
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(
      /^WARN\[0000\] \[jwks\] Entra accepts only RS256 \(AADSTS5002738\).* alg=ES256 file=\S*p256\.pub kid=gx1HLdwrnnNZCvxwd0QN1N2VHULGZk4QcXKse3l4AcY$/
    )
    expect(lines[1]).toMatch(/alg=ES384 file=\S*p384\.pub kid=qZfygUtnkcyIvRLznUuMBvUbHImlUjknenxYAHqEf2k$/)
  })
})

describe('azwi jwks --output-file', () => {
  it('writes the file with mode 0600, logs it on stderr, and leaves stdout empty', async () => {
    const file = join(folder, 'jwks.json')
    expect(await jwks(['--public-keys', fixture('rsa.pub'), '--output-file', file])).toEqual({
      stdout: '',
      stderr: `INFO[0000] ${'[jwks] wrote the key set'.padEnd(44)}  file=${file} keys=1\n`
    })
    expect(readFileSync(file, 'utf8')).toBe(golden)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('writes nothing if a key cannot be read', async () => {
    const file = join(folder, 'jwks.json')
    writeFileSync(file, 'before')
    await refusal(['--public-keys', `${fixture('rsa.pub')},${join(folder, 'missing.pub')}`, '--output-file', file])
    expect(readFileSync(file, 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['jwks.json'])
  })

  it('refuses to overwrite a key file, also under another name', async () => {
    const key = join(folder, 'sa.pub')
    writeFileSync(key, readFileSync(fixture('rsa.pub')))
    symlinkSync(key, join(folder, 'link.pub'))
    expect((await refusal(['--public-keys', key, '--output-file', `${folder}/./sa.pub`])).message).toContain(
      'is one of the key files'
    )
    expect((await refusal(['--public-keys', join(folder, 'link.pub'), '--output-file', key])).message).toContain(
      'is one of the key files'
    )
    expect(readFileSync(key)).toEqual(readFileSync(fixture('rsa.pub')))
  })
})

describe('azwi jwks refuses, with exit code 2, one line and a hint:', () => {
  it.each([
    ['no key file', [], /--public-keys is required/],
    ['an empty name', ['--public-keys', ''], /empty file name/],
    ['an empty name among others', ['--public-keys', 'a.pub,,b.pub'], /"a\.pub,,b\.pub"/],
    ['a missing file', ['--public-keys', '/no/such/sa.pub'], /there is no file \/no\/such\/sa\.pub/],
    ['a directory', ['--public-keys', tmpdir()], /is a directory/],
    ['an impossible file name', ['--public-keys', 'x'.repeat(300)], /x{300} cannot be read \(ENAMETOOLONG\)/],
    ['a file without a key', ['--public-keys', fixture('rsa.jwks.json')], /rsa\.jwks\.json holds no key/],
    ['stdin without a key', ['--public-keys', '-'], /stdin holds no key/],
    ['an empty output file', ['--public-keys', fixture('rsa.pub'), '--output-file', ''], /--output-file is empty/],
    [
      'an output file that is a directory',
      ['--public-keys', fixture('rsa.pub'), '--output-file', tmpdir()],
      /is a directory/
    ]
  ])('%s', async (_, argv, message) => {
    const error = await refusal(argv)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
    expect(error.exitCode).toBe(2)
    expect(error.hint).toBeTruthy()
  })
})
