import { beforeEach, describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'

const test = useFaultySandbox()
const flags = ['--service-account-name', 'app']
const remove = (...more: readonly string[]) => test.run('sa', 'delete', ...flags, ...more)

describe('delete --purge', () => {
  beforeEach(async () => {
    const { status, stderr } = await test.run('sa', 'create', ...flags)
    expect(status, stderr).toBe(0)
  })
  const remaining = () => test.sandbox.state.applications.size + test.sandbox.state.deletedApplications.size

  it('also removes the application from the deleted ones', async () => {
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
    expect(remaining()).toBe(0)
    expect(messages(stderr)).toContain('[aad-application] purged AAD application')
  })

  it('is reported by a dry run', async () => {
    const { status, stderr } = await remove('--purge', '--dry-run')
    expect(status, stderr).toBe(0)
    expect(messages(stderr)).toContain('[aad-application] would purge AAD application')
    expect(remaining()).toBe(1)
  })

  it('purges the deleted application of an earlier or interrupted delete', async () => {
    await remove()
    expect(remaining()).toBe(1)
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
    expect(remaining()).toBe(0)
  })

  it('keeps a deleted application that does not bear the mark', async () => {
    await remove()
    const [deleted] = test.sandbox.state.deletedApplications.values()
    deleted!.tags = []
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
    expect(remaining()).toBe(1)
  })

  it('succeeds if nothing exists', async () => {
    await remove('--purge')
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
  })

  it('waits until the directory lists the application as deleted', async () => {
    let refusals = 2
    test.fault(async (request, _, next) =>
      request.path.startsWith('/v1.0/directory/deletedItems/') && request.method === 'DELETE' && refusals-- > 0
        ? { status: 404, body: { error: { code: 'Request_ResourceNotFound', message: 'Resource does not exist.' } } }
        : next()
    )
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
    expect(remaining()).toBe(0)
  })

  it.each(['cut', { status: 503, body: {} }] as const)(
    'succeeds if the response to the purge is lost (%j)',
    async lost => {
      let once = true
      test.fault(async (request, _, next) => {
        const answer = await next()
        if (!once || request.method !== 'DELETE' || !request.path.startsWith('/v1.0/directory/deletedItems/'))
          return answer
        once = false
        return lost
      })
      const clock = { now: 0 }
      const { status, stderr } = await test.azwi(
        ['sa', 'delete', ...flags, '--purge'],
        {},
        {
          now: () => clock.now,
          sleep: milliseconds => {
            clock.now += milliseconds
            return Promise.resolve()
          }
        }
      )
      expect(status, stderr).toBe(0)
      expect(remaining()).toBe(0)
    }
  )

  it('keeps an application that other service accounts use', async () => {
    const [application] = test.sandbox.state.applications.values()
    application!.federatedIdentityCredentials.push({
      ...application!.federatedIdentityCredentials[0]!,
      id: '1',
      name: 'other',
      subject: 'system:serviceaccount:default:other'
    })
    const { status, stderr } = await remove('--purge')
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(application!.federatedIdentityCredentials.map(({ name }) => name)).toEqual(['other'])
  })
})
