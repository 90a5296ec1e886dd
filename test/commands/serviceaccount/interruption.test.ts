import { describe, expect, it } from 'vitest'
import type { Intercept } from '../../../sandbox/src/sandbox.js'
import { createClock } from '../../helpers/clock.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { groupScope, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const
type Request = Parameters<Intercept>[0]
type Service = Parameters<Intercept>[1]

const createWords = (...more: readonly string[]) => [
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
const isApplicationWrite = ({ method, path }: Request): boolean =>
  method === 'PATCH' && path.startsWith('/v1.0/applications(')
const isRoleDelete = ({ method, path }: Request): boolean => method === 'DELETE' && path.includes('/roleAssignments/')
const isExchange = ({ body }: Request): boolean => body.toString().includes('client_assertion=')

/** Runs a command, and interrupts it when the first matching request arrives. The service responds at once, or after a minute. */
async function interruptAt(
  signal: string,
  words: readonly string[],
  matches: (request: Request, service: Service) => boolean,
  answered: 'at once' | 'too late'
) {
  const clock = createClock()
  const interruption = new AbortController()
  let isFirst = true
  test.fault(async (request, service, next) => {
    if (!isFirst || !matches(request, service)) return next()
    isFirst = false
    interruption.abort(signal)
    if (answered === 'too late') await clock.hold(60_000)
    return next()
  })
  const outcome = await test.azwi(words, {}, { clock, interruption: interruption.signal })
  expect(isFirst).toBe(false)
  return { ...outcome, milliseconds: clock.now() }
}

describe.each(signals)('%s', (signal, code) => {
  it.each([
    ['a look-up', ({ method, path }: Request) => method === 'GET' && path === '/v1.0/applications'],
    ['the login', ({ method }: Request, service: Service) => service === 'entra' && method === 'POST']
  ])('during %s ends the command at once, and writes nothing', async (_, matches) => {
    const { status, stderr, milliseconds } = await interruptAt(signal, createWords(), matches, 'too late')
    expect(status, stderr).toBe(code)
    expect(milliseconds).toBe(0)
    expect(writes(test.sandbox)).toEqual([])
    expect(stderr).toContain(`interrupted by ${signal}`)
    expect(stderr).not.toContain('should not have happened')
  })

  it('during a write awaits it, starts no other write, and reports what exists', async () => {
    const { status, stderr } = await interruptAt(signal, createWords(), isApplicationWrite, 'at once')
    expect(status, stderr).toBe(code)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(writes(test.sandbox)).toHaveLength(1)
    expect(stderr).toMatch(/^There now: AAD application "/m)
    expect(stderr).toContain('run the same line again')
    const again = await test.run(...createWords())
    expect(again.status, again.stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })

  it('during a delete awaits the running write, and keeps the identity', async () => {
    expect((await test.run(...createWords())).status).toBe(0)
    const remove = ['sa', 'delete', '--service-account-name', 'app']
    const { status, stderr } = await interruptAt(signal, remove, isRoleDelete, 'at once')
    expect(status, stderr).toBe(code)
    expect(test.sandbox.state.roleAssignments.size).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(stderr).toMatch(/^Dealt with: .*role assignment/m)
    expect((await test.run(...remove)).status).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(0)
  })
})

describe('an interruption', () => {
  it('during an exchange, with --wait, ends the command as usual', async () => {
    const { status, stderr } = await interruptAt('SIGINT', createWords('--wait'), isExchange, 'too late')
    expect(status, stderr).toBe(130)
    expect(stderr).not.toContain('should not have happened')
  })

  it('awaits a write without a response for ten seconds', async () => {
    const words = createWords()
    const { status, stderr, milliseconds } = await interruptAt('SIGINT', words, isApplicationWrite, 'too late')
    expect(status, stderr).toBe(130)
    expect(milliseconds).toBe(10_000)
  })
})
