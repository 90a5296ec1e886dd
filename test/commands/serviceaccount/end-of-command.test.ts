import { describe, expect, it } from 'vitest'
import type { Intercept } from '../../../sandbox/src/sandbox.js'
import { createClock } from '../../helpers/clock.js'
import { connectApplication } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'

const test = useFaultySandbox()
type Request = Parameters<Intercept>[0]
const never = new Promise<never>(() => undefined)
const isRoleLookup = ({ path }: Request): boolean => path.endsWith('/roleAssignments')
const isIssuerLookup = ({ path }: Request): boolean => path === '/.well-known/openid-configuration'
const createWithIssuer = [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--service-account-issuer-url',
  'https://issuer.example/'
]

// The helper that runs azwi fails if a request or a wait has not ended when the command resolves.
describe('a command', () => {
  it('cancels running look-ups if it fails, and awaits their end', async () => {
    connectApplication(test.sandbox.state, 'app')
    let isHeld: () => void
    const held = new Promise<void>(resolve => {
      isHeld = resolve
    })
    test.fault(async (request, service, next) => {
      if (isRoleLookup(request)) {
        isHeld()
        return never
      }
      if (service !== 'graph') return next()
      await held
      return { status: 401, body: { error: { code: 'InvalidAuthenticationToken', message: 'no' } } }
    })
    const { status, stderr } = await test.run('sa', 'list')
    expect(status).toBe(4)
    expect(stderr).toContain('InvalidAuthenticationToken')
  })

  it('cancels the look-up of the issuer three seconds after the plan, and uses the one that was given', async () => {
    const clock = createClock()
    test.fault((request, _, next) => (isIssuerLookup(request) ? clock.hold(60_000).then(() => next()) : next()))
    const { status, stderr } = await test.azwi(createWithIssuer, {}, { clock })
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('the issuer of the cluster could not be read, so the one that was given is used')
    expect(clock.now()).toBe(3000)
  })

  it('ends the wait before a retry whose response is no longer needed', async () => {
    const clock = createClock()
    test.fault((request, _, next) =>
      isIssuerLookup(request) ? Promise.resolve({ status: 503, headers: { 'retry-after': '60' }, body: {} }) : next()
    )
    const { status, stderr } = await test.azwi(createWithIssuer, {}, { clock })
    expect(status, stderr).toBe(0)
    expect(clock.sleeps.toSorted((a, b) => a - b)).toEqual([3000, 60_000])
    expect(clock.now()).toBe(3000)
  })
})
