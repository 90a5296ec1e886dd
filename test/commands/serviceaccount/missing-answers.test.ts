import { describe, expect, it } from 'vitest'
import type { SandboxRequest } from '../../../sandbox/src/server/http.js'
import { addAnnotated, connectApplication, connectManagedIdentity } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'

const test = useFaultySandbox()

function connect(): void {
  const { state } = test.sandbox
  connectApplication(state, 'web')
  connectManagedIdentity(state, 'worker')
  addAnnotated(state, 'gone', '11111111-2222-4333-8444-555555555555')
}

const keyOf = ({ method, path }: Pick<SandboxRequest, 'method' | 'path'>): string => `${method} ${path}`

/** Returns the requests of a command, without those to log in. */
async function requestsOf(words: readonly string[]): Promise<string[]> {
  test.sandbox.requests.length = 0
  await test.run(...words)
  return [
    ...new Set(test.sandbox.requests.filter(({ service }) => service !== 'entra').map(request => keyOf(request)))
  ].filter(key => key !== 'GET /metadata/endpoints')
}

/** The answer of each service for something that does not exist. */
const notFound = {
  graph: { error: { code: 'Request_ResourceNotFound', message: 'Resource does not exist.' } },
  arm: { error: { code: 'SubscriptionNotFound', message: 'The subscription could not be found.' } },
  kubernetes: {
    kind: 'Status',
    status: 'Failure',
    reason: 'NotFound',
    message: 'the server could not find it',
    code: 404
  }
}

describe.each([
  ['list', ['sa', 'list'], ['GET /api/v1/serviceaccounts']],
  ['get of an application', ['sa', 'get', 'web'], ['GET /api/v1/namespaces/default/serviceaccounts/web']],
  ['get of a managed identity', ['sa', 'get', 'worker'], ['GET /api/v1/namespaces/default/serviceaccounts/worker']],
  ['doctor', ['doctor', '-A'], ['GET /api/v1/serviceaccounts']]
] as const)('%s', (_, words, needed) => {
  it('shows the rest if one look-up answers 404', async () => {
    connect()
    const requests = await requestsOf(words)
    expect(requests.length).toBeGreaterThan(5)
    for (const request of requests.filter(request => !(needed as readonly string[]).includes(request))) {
      test.fault(async (received, service, next) =>
        keyOf(received) === request && service in notFound
          ? { status: 404, body: notFound[service as keyof typeof notFound] }
          : next()
      )
      const { status, stdout, stderr } = await test.run(...words)
      expect({ request, status: status > 1 ? status : 0, stderr: /^Error/m.exec(stderr)?.input }).toEqual({
        request,
        status: 0,
        stderr: undefined
      })
      expect(stdout).toMatch(/web|worker|gone/)
    }
  })
})

describe('doctor', () => {
  it('finds the identity that trusts an account, although another one has been deleted since it was listed', async () => {
    const { state } = test.sandbox
    const worker = connectManagedIdentity(state, 'worker')
    const deleted = connectManagedIdentity(state, 'deleted')
    addAnnotated(state, 'worker', '11111111-2222-4333-8444-555555555555')
    test.fault(async (request, _, next) =>
      request.path.toLowerCase().startsWith(`${deleted.id.toLowerCase()}/`)
        ? { status: 404, body: notFound.arm }
        : next()
    )
    const { stdout } = await test.run('doctor', 'worker')
    expect(stdout).toContain(worker.clientId)
  })
})
