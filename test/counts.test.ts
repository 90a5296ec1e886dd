import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { binary } from './helpers/binary.js'
import { createClock } from './helpers/clock.js'
import { useFaultySandbox } from './helpers/faulty-sandbox.js'
import { countRounds } from './helpers/rounds.js'

/**
 * Measures of speed that do not depend on the machine: the number of requests, the longest chain of dependent requests, and the amount of
 * code that azwi loads. Each number is an upper bound. A change that lowers a number lowers it here too. `npm run bench` measures the time.
 */
const test = useFaultySandbox()

async function countsOf(words: readonly string[]): Promise<{ requests: number; depth: number }> {
  // Loads all modules. To load one for the first time takes turns of the event loop, which the clock would take for time to wait.
  await test.run(...words, '--dry-run')
  test.sandbox.requests.length = 0
  const clock = createClock()
  const rounds = countRounds(test, clock)
  const { status, stderr } = await test.azwi(words, {}, { clock })
  expect(status, stderr).toBe(0)
  return { requests: test.sandbox.requests.length, depth: rounds() }
}

const create = ['sa', 'create', '--service-account-name', 'app', '--grant', 'Reader=rg:azwi-sandbox']
const managedIdentity = ['--managed-identity-name', 'identity', '--managed-identity-resource-group', 'azwi-sandbox']

function expectAtMost(counts: { requests: number; depth: number }, maximum: { requests: number; depth: number }): void {
  expect(counts.requests, `requests, at depth ${counts.depth}`).toBeLessThanOrEqual(maximum.requests)
  expect(counts.depth, `depth, of ${counts.requests} requests`).toBeLessThanOrEqual(maximum.depth)
}

describe('requests, and the longest chain of dependent ones', () => {
  it('of sa create with an application and a role, and of a second run', async () => {
    expectAtMost(await countsOf(create), { requests: 15, depth: 6 })
    expectAtMost(await countsOf(create), { requests: 11, depth: 4 })
  })

  it('of sa create with a managed identity and a role, and of a second run', async () => {
    expectAtMost(await countsOf([...create, ...managedIdentity]), { requests: 12, depth: 5 })
    expectAtMost(await countsOf([...create, ...managedIdentity]), { requests: 9, depth: 4 })
  })
})

interface Loaded {
  readonly chunks: number
  readonly kilobytes: number
}

/**
 * Returns how many files of dist/ the binary loads, and their size, according to the coverage report that Node writes.
 */
async function loadedBy(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-coverage-'))
  try {
    const child = spawn(process.execPath, [binary, ...words], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, ...environment, NODE_V8_COVERAGE: directory }
    })
    expect(await new Promise(resolve => child.on('close', resolve))).toBe(0)
    const reports = await Promise.all((await readdir(directory)).map(name => readFile(join(directory, name), 'utf8')))
    const urls = reports.flatMap(text =>
      (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url)
    )
    const files = [...new Set(urls)]
      .filter(url => url.startsWith('file:') && url.includes('/dist/'))
      .map(url => fileURLToPath(url))
    const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
    return { chunks: files.length, kilobytes: Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000) }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function expectLoaded(loaded: Loaded, maximum: Loaded): void {
  expect(loaded.chunks).toBeGreaterThan(0)
  expect(loaded.chunks, `chunks, of ${loaded.kilobytes} kB`).toBeLessThanOrEqual(maximum.chunks)
  expect(loaded.kilobytes, `kB, in ${loaded.chunks} chunks`).toBeLessThanOrEqual(maximum.kilobytes)
}

describe('the code that is loaded', () => {
  it.each(['version', '--help'])('by %s: nothing, because the build has saved the answer', async word => {
    expect((await loadedBy([word])).chunks).toBe(0)
    // Proves that the measurement works: with a flag, the bundle answers.
    expectLoaded(await loadedBy([word, '-o', 'text']), { chunks: 1, kilobytes: 75 })
  })
  it('by sa create --help', async () => {
    expectLoaded(await loadedBy(['sa', 'create', '--help']), { chunks: 9, kilobytes: 230 })
  })
  it('by jwks', async () => {
    const file = fileURLToPath(new URL('fixtures/keys/rsa.pub', import.meta.url))
    expectLoaded(await loadedBy(['jwks', '--public-keys', file]), { chunks: 1, kilobytes: 70 })
  })
  it('by sa create', async () => {
    expectLoaded(await loadedBy(create, test.environment), { chunks: 31, kilobytes: 1420 })
  })
})
