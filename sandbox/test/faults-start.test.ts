import { EventEmitter, once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { type Faults, type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask, askCluster, askToken, operatorForm } from './client.js'

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.close())

const waits: number[] = []
async function started(faults: Faults): Promise<Sandbox> {
  waits.length = 0
  sandbox = await startSandbox({
    faults,
    sleep: milliseconds => {
      waits.push(milliseconds)
      return Promise.resolve()
    }
  })
  return sandbox
}

describe('a sandbox with faults', () => {
  it('applies its rules to real connections', async () => {
    const running = await started({
      rules: [
        { match: { service: 'kubernetes', method: 'POST', nth: 1 }, action: 'reset' },
        { match: { service: 'kubernetes', method: 'POST', nth: 2 }, action: 'lost-answer' },
        { match: { service: 'entra' }, action: { latency: 120 } },
        { match: { service: 'entra', nth: 2 }, action: { stall: 30_000 } },
        { match: { service: 'graph' }, action: { status: 503, retryAfter: 2 } }
      ]
    })
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    const create = () => askCluster(running, accounts, { method: 'POST', body: { metadata: { name: 'x' } } })
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(running.state.cluster.serviceAccounts.has('default/x')).toBe(false)
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(running.state.cluster.serviceAccounts.has('default/x')).toBe(true)
    await expect(create()).resolves.toMatchObject({ status: 409 })
    for (let time = 0; time < 2; time++)
      await expect(askToken(running, operatorForm(running))).resolves.toMatchObject({ status: 200 })
    expect(waits).toEqual([120, 120, 30_000])
    const refused = await ask(running, `${running.state.endpoints.graph}/v1.0/applications`)
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '2' } })
    expect(refused.headers['request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(running.requests.map(({ status }) => status)).toEqual([0, 0, 409, 200, 200, 503])
  })

  it('applies its rules before an intercept', async () => {
    const intercepted: string[] = []
    sandbox = await startSandbox({
      faults: { rules: [{ match: { nth: 1 }, action: { status: 500 } }] },
      intercept: (request, _service, next) => {
        intercepted.push(request.path)
        return next()
      }
    })
    for (const path of ['/first', '/second']) await ask(sandbox, `${sandbox.state.endpoints.issuer}${path}`)
    expect(intercepted).toEqual(['/second'])
  })

  it('does not wait for the end of a stall when it closes', async () => {
    const arrived = new EventEmitter()
    sandbox = await startSandbox({
      faults: { rules: [{ action: { stall: 600_000 } }] },
      intercept: (_request, _service, next) => {
        arrived.emit('request')
        return next()
      }
    })
    const request = once(arrived, 'request')
    const answer = ask(sandbox, `${sandbox.state.endpoints.issuer}/x`)
    const refused = expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' })
    await request
    // The stall begins after the work, before the next turn of the event loop.
    await nextTurn()
    await sandbox.close()
    await refused
  })
})
