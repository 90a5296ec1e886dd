import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { groupScope } from '../../helpers/state.js'

const test = useFaultySandbox()
const refusal = {
  status: 401,
  body: {
    error: 'invalid_client',
    error_description: 'AADSTS700213: No matching federated identity record found. Trace ID: x',
    error_codes: [700213]
  }
}

describe.each([
  ['an application', ['--service-account-name', 'app']],
  [
    'a managed identity',
    [
      '--service-account-name',
      'app',
      '--managed-identity-name',
      'app-identity',
      '--managed-identity-resource-group',
      'azwi-sandbox'
    ]
  ]
])('create --wait with %s', (_, flags) => {
  /** Runs create with a clock that skips every wait. `refused` selects the exchanges that Entra refuses, by their number from 1 on. */
  async function create(refused: (exchange: number) => boolean, ...more: readonly string[]) {
    const clock = { now: 0 }
    const exchanges: number[] = []
    let written = NaN
    test.fault(async (request, service, next) => {
      if (request.path.includes('federatedIdentityCredentials') && request.method !== 'GET') written = clock.now
      const isExchange = service === 'entra' && request.body.toString().includes('client_assertion=')
      if (!isExchange) return next()
      exchanges.push(clock.now)
      return refused(exchanges.length) ? refusal : next()
    })
    const outcome = await test.azwi(
      [
        'sa',
        'create',
        ...flags,
        '--azure-role',
        'Reader',
        '--azure-scope',
        groupScope(test.sandbox.state),
        '--wait',
        ...more
      ],
      {},
      {
        now: () => clock.now,
        sleep: milliseconds => {
          clock.now += milliseconds
          return Promise.resolve()
        }
      }
    )
    return { ...outcome, clock, exchanges, written }
  }

  it('tries the token 10 s after the write of the credential, and needs three successes in a row', async () => {
    const { status, stderr, exchanges, written } = await create(() => false)
    expect(status, stderr).toBe(0)
    expect(exchanges).toHaveLength(3)
    expect(exchanges[0]! - written).toBeGreaterThanOrEqual(10_000)
    expect(messages(stderr)).toContain("Entra takes the service account's token")
  })

  it.each([1, 2, 4])(
    'succeeds after %i refusals, with pauses that are longer than the cache of refusals',
    async times => {
      const { status, stderr, exchanges } = await create(exchange => exchange <= times)
      expect(status, stderr).toBe(0)
      expect(exchanges).toHaveLength(times + 3)
      const pauses = exchanges.slice(1, times + 1).map((at, index) => at - exchanges[index]!)
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(10_000)
      expect(messages(stderr).filter(text => text.includes('AADSTS700213'))).toHaveLength(times)
    }
  )

  it('starts to count again after a refusal', async () => {
    const { status, stderr, exchanges } = await create(exchange => exchange === 3)
    expect(status, stderr).toBe(0)
    expect(exchanges).toHaveLength(6)
  })

  it('fails after --timeout, with the reason and a hint', async () => {
    const { status, stderr, clock, exchanges } = await create(() => true, '--timeout', '2m')
    expect(status).toBe(1)
    expect(clock.now).toBeLessThanOrEqual(120_000)
    expect(exchanges.length).toBeGreaterThan(2)
    expect(stderr).toMatch(/^Error: .*AADSTS700213.*--timeout.*\nHint: .*--timeout/m)
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
  })

  it('does not wait if nothing was written', async () => {
    await create(() => false)
    const { status, stderr, exchanges } = await create(() => false)
    expect(status, stderr).toBe(0)
    expect(exchanges[0]).toBe(0)
  })
})
