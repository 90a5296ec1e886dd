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
/** What each phase says of itself, where it did not do its work. */
const told = (stderr: string) =>
  Object.fromEntries(
    logLines(stderr)
      .filter(({ level }) => ['ERRO', 'WARN'].includes(level))
      .map(({ message, fields }) => [message, fields.because ?? fields.code])
  )

describe('a cause that several phases share', () => {
  it('is told once, and the others name the phase that failed', async () => {
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
    expect(told(stderr)).toEqual({
      '[managed-identity] failed': 'ResourceGroupNotFound',
      '[service-account] not started': 'managed-identity failed',
      '[federated-identity] not started': 'managed-identity failed'
    })
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
  })

  it('is told by every phase where it is one of its own', async () => {
    test.fault(async ({ path }, service, next) => {
      const refused = path.endsWith('/roleDefinitions') || path === '/v1.0/applications'
      return refused ? { status: 403, body: { error: { code: `${service}SaysNo`, message: 'No.' } } } : next()
    })
    const { stderr } = await test.azwi(words())
    expect(told(stderr)).toEqual({
      '[aad-application] failed': 'graphSaysNo',
      '[role-assignment] failed': 'armSaysNo',
      '[service-account] not started': 'aad-application failed',
      '[federated-identity] not started': 'aad-application failed'
    })
  })

  it('is named by a phase that could have gone on, too', async () => {
    test.fault(async ({ path }, _service, next) =>
      path.endsWith('/roleDefinitions') ? { status: 403, body: { error: { code: 'No', message: 'No.' } } } : next()
    )
    const { stderr } = await test.azwi(words())
    expect(told(stderr)).toEqual({
      '[role-assignment] failed': 'No',
      '[aad-application] not started': 'role-assignment failed',
      '[service-account] not started': 'role-assignment failed',
      '[federated-identity] not started': 'role-assignment failed'
    })
  })
})

describe('an interruption', () => {
  const interrupted = async (when: (request: { method: string; path: string }) => boolean) => {
    const interruption = new AbortController()
    test.fault(async (request, _service, next) => {
      if (when(request)) interruption.abort('SIGINT')
      return next()
    })
    const { status, stderr } = await test.azwi(words(), {}, { interruption: interruption.signal })
    expect(status, stderr).toBe(130)
    expect(stderr.match(/^Error: interrupted by SIGINT$/gm)).toHaveLength(1)
    return told(stderr)
  }
  const because = (...phases: readonly string[]) =>
    Object.fromEntries(phases.map(phase => [`[${phase}] not started`, 'interrupted by SIGINT']))

  it('while planning is why no phase was started, and no phase has failed', async () => {
    expect(await interrupted(({ path }) => path === '/v1.0/applications')).toEqual(
      because('aad-application', 'service-account', 'federated-identity', 'role-assignment')
    )
  })

  it('during a write is why what comes after was not started', async () => {
    expect(
      await interrupted(({ method, path }) => method === 'PATCH' && path.startsWith('/v1.0/applications('))
    ).toMatchObject(because('service-account', 'federated-identity', 'role-assignment'))
  })
})
