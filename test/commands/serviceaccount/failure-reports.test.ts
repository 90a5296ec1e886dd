import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines } from '../../helpers/log.js'
import { groupScope } from '../../helpers/state.js'

const test = useFaultySandbox()
const words = () => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  '--azure-role',
  'Reader',
  '--azure-scope',
  groupScope(test.sandbox.state)
]
/** Returns the reason of each phase that failed or did not start. */
const reasons = (stderr: string) =>
  Object.fromEntries(
    logLines(stderr)
      .filter(({ level }) => ['ERRO', 'WARN'].includes(level))
      .map(({ message, fields }) => [message, fields.because ?? fields.code])
  )

describe('a failure in several phases', () => {
  it('is reported once, and the other phases name the failed one', async () => {
    const { status, stderr } = await test.run(
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--managed-identity-name',
      'shared',
      '--managed-identity-resource-group',
      'nope'
    )
    expect(status).toBe(1)
    expect(reasons(stderr)).toEqual({
      '[managed-identity] failed': 'ResourceGroupNotFound',
      '[service-account] not started': 'managed-identity failed',
      '[federated-identity] not started': 'managed-identity failed'
    })
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
  })

  it('is reported by each phase if the causes differ', async () => {
    test.fault(async ({ path }, service, next) => {
      const refused = path.endsWith('/roleDefinitions') || path === '/v1.0/applications'
      return refused ? { status: 403, body: { error: { code: `${service}SaysNo`, message: 'No.' } } } : next()
    })
    const { stderr } = await test.azwi(words())
    expect(reasons(stderr)).toEqual({
      '[aad-application] failed': 'graphSaysNo',
      '[role-assignment] failed': 'armSaysNo',
      '[service-account] not started': 'aad-application failed',
      '[federated-identity] not started': 'aad-application failed'
    })
  })

  it('is also the reason of phases that could have continued', async () => {
    test.fault(async ({ path }, _service, next) =>
      path.endsWith('/roleDefinitions') ? { status: 403, body: { error: { code: 'No', message: 'No.' } } } : next()
    )
    const { stderr } = await test.azwi(words())
    expect(reasons(stderr)).toEqual({
      '[role-assignment] failed': 'No',
      '[aad-application] not started': 'role-assignment failed',
      '[service-account] not started': 'role-assignment failed',
      '[federated-identity] not started': 'role-assignment failed'
    })
  })
})

describe('an interruption', () => {
  const runInterrupted = async (when: (request: { method: string; path: string }) => boolean) => {
    const interruption = new AbortController()
    test.fault(async (request, _service, next) => {
      if (when(request)) interruption.abort('SIGINT')
      return next()
    })
    const { status, stderr } = await test.azwi(words(), {}, { interruption: interruption.signal })
    expect(status, stderr).toBe(130)
    expect(stderr.match(/^Error: interrupted by SIGINT$/gm)).toHaveLength(1)
    return reasons(stderr)
  }
  const notStarted = (...phases: readonly string[]) =>
    Object.fromEntries(phases.map(phase => [`[${phase}] not started`, 'interrupted by SIGINT']))

  it('while planning is the reason why no phase started, and no phase failed', async () => {
    expect(await runInterrupted(({ path }) => path === '/v1.0/applications')).toEqual(
      notStarted('aad-application', 'service-account', 'federated-identity', 'role-assignment')
    )
  })

  it('during a write is the reason why the later phases did not start', async () => {
    expect(
      await runInterrupted(({ method, path }) => method === 'PATCH' && path.startsWith('/v1.0/applications('))
    ).toMatchObject(notStarted('service-account', 'federated-identity', 'role-assignment'))
  })
})
