import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Intercept } from '../../sandbox/src/sandbox.js'
import { binary, start, startFile } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { writes } from '../helpers/state.js'

const test = useFaultySandbox()
const words = (...more: readonly string[]) => ['sa', 'create', '--service-account-name', 'app', ...more]
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const
type Request = Parameters<Intercept>[0]

const isLookUp = ({ method, path }: Request): boolean => method === 'GET' && path === '/v1.0/applications'
const isApplicationWrite = ({ method, path }: Request): boolean =>
  method === 'PATCH' && path.startsWith('/v1.0/applications(')

let release = (): void => undefined
afterEach(() => {
  release()
})

/** Holds these requests until the test has ended. Returns a promise that resolves when the first one has arrived. */
function hold(matches: (request: Request) => boolean): Promise<void> {
  const testEnds = new Promise<void>(resolve => {
    release = resolve
  })
  return new Promise(arrived => {
    test.fault(async (request, _service, next) => {
      if (matches(request)) {
        arrived()
        await testEnds
      }
      return next()
    })
  })
}

// test/commands/serviceaccount/interruption.test.ts tests what an interruption does. These tests hold the process to it. None of them
// measures time: a held request is never answered, so a process that awaits it runs into the time-out of the test.
describe.each(signals)('%s', (signal, code) => {
  it('during planning ends the process, and nothing is written', async () => {
    const arrival = hold(isLookUp)
    const { child, ended } = start(words(), test.environment)
    await arrival
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(writes(test.sandbox)).toEqual([])
    expect(stderr).toContain(`interrupted by ${signal}`)
  })

  it('during a wait ends it', async () => {
    test.fault(async (request, _, next) =>
      isApplicationWrite(request) ? { status: 429, headers: { 'retry-after': '60' }, body: {} } : next()
    )
    const { child, ended, waitForOutput } = start(words(), test.environment)
    await waitForOutput('waiting 60s')
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(test.sandbox.state.applications.size).toBe(0)
  })

  it('a second time ends the process without a summary', async () => {
    const arrival = hold(isApplicationWrite)
    const { child, ended } = start(words(), test.environment)
    await arrival
    // Two signals that arrive together count as one, so they are repeated until the process ends.
    while (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await sleep(50)
    }
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(stderr).not.toContain('To continue')
  })
})

describe('an interruption', () => {
  it('of the wait of --wait keeps and reports what was created', async () => {
    const { child, ended, waitForOutput } = start(words('--wait'), test.environment)
    await waitForOutput('waiting 10s')
    child.kill('SIGINT')
    const { status, stderr } = await ended
    expect(status, stderr).toBe(130)
    expect(stderr).toMatch(/^There now: /m)
    expect(test.sandbox.state.applications.size).toBe(1)
  })
})

describe('a reader that closes the pipe', () => {
  it.each(['2>&1 | head -1', '2> >(head -1 >&2) | cat'])('is no error (%s)', async pipe => {
    const script = `set -o pipefail; "$0" "$1" ${words('--debug').join(' ')} ${pipe}; echo "code \${PIPESTATUS[0]}"`
    const { stdout, stderr } = await startFile('/bin/bash', ['-c', script, process.execPath, binary], test.environment)
      .ended
    expect(stdout + stderr).toContain('code 0\n')
    expect(stdout + stderr).not.toContain('EPIPE')
  })
})
