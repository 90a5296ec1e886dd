import { describe, expect, it } from 'vitest'
import { writes } from '../../helpers/state.js'
import { many, resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()

describe('azwi serviceaccount apply, if a workload fails', () => {
  it('continues with the other workloads, and a second run applies only the failed ones', async () => {
    const text =
      "defaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\nworkloads: [{ name: a }, { name: bad, roles: [{ role: Nope, scope: 'sub:' }] }, { name: lost, namespace: nowhere }, { name: z }]"
    const first = await apply(text, '-o', 'json')
    expect(first.status).toBe(1)
    expect(resultsOf(first)).toEqual({
      'default/a': 'created',
      'default/bad': 'failed',
      'nowhere/lost': 'failed',
      'default/z': 'created'
    })
    expect(JSON.parse(first.stdout)).toMatchObject({ summary: { created: 2, failed: 2 } })
    expect(first.stderr).toContain('"code":"RoleNotFound"')
    expect(first.stderr).toContain('"code":"NamespaceNotFound"')
    test.sandbox.requests.length = 0
    const again = await apply(text.replace('Nope', 'Contributor').replace('nowhere', 'kube-public'), '-o', 'json')
    expect(again.status, again.stderr).toBe(0)
    expect(resultsOf(again)).toEqual({
      'default/a': 'unchanged',
      'default/bad': 'created',
      'kube-public/lost': 'created',
      'default/z': 'unchanged'
    })
    expect(
      writes(test.sandbox)
        .filter(({ path }) => path.includes('serviceaccounts'))
        .map(({ path }) => path.split('/').at(-1))
        .toSorted()
    ).toEqual(['bad', 'lost'])
  })

  it('writes only the missing objects of a workload in a second run', async () => {
    const text =
      "defaults: { roles: [{ role: Reader, scope: 'rg:azwi-sandbox' }] }\nworkloads: [{ name: a }, { name: m, identity: { managedIdentity: { name: one, resourceGroup: azwi-sandbox } } }]"
    test.fault((request, _service, next) =>
      request.method === 'PUT' && request.path.includes('/roleAssignments/')
        ? Promise.resolve({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'No.' } } })
        : next()
    )
    expect((await apply(text)).status).toBe(4)
    test.fault((_request, _service, next) => next())
    test.sandbox.requests.length = 0
    const again = await apply(text, '-o', 'json')
    expect(resultsOf(again)).toEqual({ 'default/a': 'updated', 'default/m': 'updated' })
    expect(
      writes(test.sandbox)
        .filter(({ path }) => !path.endsWith('$batch'))
        .map(({ path }) => path.split('/').at(-2))
    ).toEqual(['roleAssignments', 'roleAssignments'])
  })

  it('lists in the text output the failed workloads with their reasons', async () => {
    const { status, stderr } = await apply('workloads: [{ name: a }, { name: lost, namespace: nowhere }]')
    expect(status).toBe(1)
    expect(stderr).toMatch(/\[nowhere\/lost\] failed/)
    expect(stderr).toMatch(/^nowhere\/lost:\nError: there is no namespace "nowhere" in the cluster\nHint: /m)
    expect(stderr).toMatch(/applied +created=1 deleted=0 failed=1/)
  })

  it.each([
    ['few', 3],
    ['many', 6]
  ])(
    'fails only the workload whose service account cannot be read, not the others of the same batch (%s)',
    async (_what, count) => {
      test.fault((request, service, next) =>
        service === 'kubernetes' && request.method === 'GET' && /\/serviceaccounts(\/app-1)?$/.test(request.path)
          ? Promise.resolve({
              status: 403,
              body: {
                kind: 'Status',
                apiVersion: 'v1',
                status: 'Failure',
                message: 'no',
                reason: 'Forbidden',
                code: 403
              }
            })
          : next()
      )
      const outcome = await apply(many(count), '-o', 'json')
      expect(Object.entries(resultsOf(outcome)).filter(([, result]) => result !== 'created')).toEqual([
        ['default/app-1', 'failed']
      ])
    }
  )

  it('reports once an error that all workloads share', async () => {
    test.fault((_request, service, next) =>
      service === 'entra'
        ? Promise.resolve({
            status: 400,
            body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' }
          })
        : next()
    )
    const { status, stderr } = await apply(many(30))
    expect(status).toBe(4)
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(stderr).toContain('and 25 more:')
  })

  it('fails only the workloads that share the failed identity', async () => {
    const text =
      'workloads: [{ name: a, identity: &gone { application: { clientId: 11111111-1111-4111-8111-111111111111 } } }, { name: b, identity: *gone }, { name: c }]'
    expect(resultsOf(await apply(text, '-o', 'json'))).toEqual({
      'default/a': 'failed',
      'default/b': 'failed',
      'default/c': 'created'
    })
  })

  it('reports the failure of a shared identity for each of its workloads, and succeeds in a second run', async () => {
    const text =
      'workloads: [{ name: a, identity: { application: { name: x } } }, { name: b, identity: { application: { name: x } } }]'
    test.fault((request, _service, next) =>
      request.method === 'POST' && request.path.endsWith('/servicePrincipals')
        ? Promise.resolve({
            status: 403,
            body: {
              error: {
                code: 'Authorization_RequestDenied',
                message: 'Insufficient privileges to complete the operation.'
              }
            }
          })
        : next()
    )
    const first = await apply(text, '-o', 'json')
    expect(first.status).toBe(4)
    expect(resultsOf(first)).toEqual({ 'default/a': 'failed', 'default/b': 'failed' })
    test.fault((_request, _service, next) => next())
    expect((await apply(text)).status).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
  })
})
