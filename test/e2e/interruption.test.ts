import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Intercept } from '../../sandbox/src/index.js'
import { binary, run, start, startFile } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope, writes } from '../helpers/world.js'

const test = useFaultySandbox()
const words = (...more: readonly string[]) => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state),
  ...more
]
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const
type Request = Parameters<Intercept>[0]

/** Holds the first request of this kind for so long, then does what it asks. `reached` resolves when it has come in. */
function hold(concerns: (request: Request, service: Parameters<Intercept>[1]) => boolean, milliseconds: number) {
  let reached: () => void = () => undefined
  const arrival = new Promise<void>(resolve => {
    reached = resolve
  })
  let held = false
  test.fault(async (request, service, next) => {
    if (held || !concerns(request, service)) return next()
    held = true
    reached()
    await sleep(milliseconds, undefined, { ref: false })
    return next()
  })
  return arrival
}
const theLogin = ({ method }: Request, service: Parameters<Intercept>[1]): boolean =>
  service === 'entra' && method === 'POST'
const theLookUp = ({ method, path }: Request): boolean => method === 'GET' && path === '/v1.0/applications'
const theApplication = ({ method, path }: Request): boolean =>
  method === 'PATCH' && path.startsWith('/v1.0/applications(')

describe.each(signals)('%s', (signal, code) => {
  it.each([
    ['planning', theLookUp],
    ['the login', theLogin]
  ])('during %s ends at once, with nothing written', async (_, concerns) => {
    const arrival = hold(concerns, 8000)
    const { child, ended } = start(words(), test.environment)
    await arrival
    const at = performance.now()
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(performance.now() - at).toBeLessThan(2000)
    expect(writes(test.sandbox)).toEqual([])
    expect(stderr).toContain(`interrupted by ${signal}`)
    expect(stderr).not.toContain('should not have happened')
  })

  it('during a write awaits it, starts nothing new, and says what there is now', async () => {
    const arrival = hold(theApplication, 1500)
    const { child, ended } = start(words(), test.environment)
    await arrival
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(writes(test.sandbox)).toHaveLength(1)
    expect(stderr).toMatch(/^There now: AAD application "/m)
    expect(stderr).toContain('run the same line again')
    const again = await run(words(), test.environment)
    expect(again.status, again.stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })

  it('during a wait ends it at once', async () => {
    test.fault(async (request, _, next) =>
      theApplication(request) ? { status: 429, headers: { 'retry-after': '60' }, body: {} } : next()
    )
    const { child, ended, says } = start(words(), test.environment)
    await says('waiting 60s')
    const at = performance.now()
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(performance.now() - at).toBeLessThan(2000)
    expect(test.sandbox.state.applications.size).toBe(0)
  })

  it('a second time leaves at once', async () => {
    const arrival = hold(theApplication, 9000)
    const { child, ended } = start(words(), test.environment)
    await arrival
    child.kill(signal)
    await sleep(300)
    expect(child.exitCode).toBeNull()
    const at = performance.now()
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(performance.now() - at).toBeLessThan(1000)
  })

  it('during delete awaits the running write and leaves the identity', async () => {
    expect((await run(words(), test.environment)).status).toBe(0)
    test.sandbox.requests.length = 0
    const arrival = hold(({ method, path }) => method === 'DELETE' && path.includes('/roleAssignments/'), 1500)
    const { child, ended } = start(['sa', 'delete', '--service-account-name', 'app'], test.environment)
    await arrival
    child.kill(signal)
    const { status, stderr } = await ended
    expect(status, stderr).toBe(code)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(stderr).toMatch(/^Dealt with: .*role assignment/m)
    expect((await run(['sa', 'delete', '--service-account-name', 'app'], test.environment)).status).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
  })
})

describe('an interruption', () => {
  it('of an exchange, with --wait, ends with 130 like any other', { timeout: 40_000 }, async () => {
    const arrival = hold(({ body }) => body.toString().includes('client_assertion='), 15_000)
    const { child, ended } = start(words('--wait'), test.environment)
    await arrival
    child.kill('SIGINT')
    const { status, stderr } = await ended
    expect(status, stderr).toBe(130)
    expect(stderr).not.toContain('should not have happened')
  })

  it('awaits a write that is never answered for ten seconds, and no longer', { timeout: 30_000 }, async () => {
    const arrival = hold(theApplication, 25_000)
    const { child, ended } = start(words(), test.environment)
    await arrival
    const at = performance.now()
    child.kill('SIGINT')
    const { status, stderr } = await ended
    const waited = performance.now() - at
    expect(status, stderr).toBe(130)
    expect(waited).toBeGreaterThan(9000)
    expect(waited).toBeLessThan(12_000)
  })

  it('of the wait of --wait leaves what was made, and says so', async () => {
    const { child, ended, says } = start(words('--wait'), test.environment)
    await says('waiting 10s')
    child.kill('SIGINT')
    const { status, stderr } = await ended
    expect(status, stderr).toBe(130)
    expect(stderr).toMatch(/^There now: /m)
    expect(test.sandbox.state.applications.size).toBe(1)
  })
})

describe('a reader that leaves', () => {
  it.each(['2>&1 | head -1', '2> >(head -1 >&2) | cat'])('is no error (%s)', async pipe => {
    const script = `set -o pipefail; "$0" "$1" ${words('--debug').join(' ')} ${pipe}; echo "code \${PIPESTATUS[0]}"`
    const { stdout, stderr } = await startFile('/bin/bash', ['-c', script, process.execPath, binary], test.environment)
      .ended
    expect(stdout + stderr).toContain('code 0\n')
    expect(stdout + stderr).not.toContain('EPIPE')
  })
})
