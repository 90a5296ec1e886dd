import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../../sandbox/src/server/http.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { logLines, messages } from '../../helpers/log.js'
import { groupScope, onlyApplication, serviceAccountIn, writes } from '../../helpers/state.js'

const test = useFaultySandbox()
const create = () =>
  test.azwi([
    'sa',
    'create',
    '--service-account-name',
    'app',
    '--azure-role',
    'Reader',
    '--azure-scope',
    groupScope(test.sandbox.state)
  ])
const forbidden = (code: string): SandboxResponse => ({ status: 403, body: { error: { code, message: 'No.' } } })

describe('azwi serviceaccount create, if a phase fails', () => {
  it('keeps the other objects, reports the missing permission, exits with 4, and continues in a second run', async () => {
    const { state } = test.sandbox
    state.denied.add('arm')
    const { status, stdout, stderr } = await create()
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(logLines(stderr)).toContainEqual({
      level: 'ERRO',
      message: '[role-assignment] failed',
      fields: { code: 'AuthorizationFailed' }
    })
    expect(stderr).toMatch(/^Error: Azure Resource Manager refused to assign the role.*\nHint: /m)
    expect(onlyApplication(state).federatedIdentityCredentials).toHaveLength(1)
    expect(serviceAccountIn(state, 'app')).toBeDefined()
    expect(state.roleAssignments.size).toBe(0)
    state.denied.delete('arm')
    const again = await create()
    expect(again.status, again.stderr).toBe(0)
    expect(messages(again.stderr)).toContain('[role-assignment] created role assignment')
    expect(state.roleAssignments.size).toBe(1)
    expect(onlyApplication(state).federatedIdentityCredentials).toHaveLength(1)
  })

  it('does not retry after a 403', async () => {
    test.sandbox.state.denied.add('arm')
    await create()
    expect(test.sandbox.requests.filter(({ status }) => status === 403)).toHaveLength(1)
  })

  it('reports every failure if several phases fail at the same time', async () => {
    test.fault(async (request, service, next) => {
      if (service === 'arm' && request.method === 'PUT') return forbidden('ArmSaysNo')
      if (request.path.includes('federatedIdentityCredentials') && request.method === 'PATCH')
        return forbidden('GraphSaysNo')
      return next()
    })
    const { status, stderr } = await create()
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: .*ArmSaysNo/m)
    expect(stderr).toMatch(/^Error: .*GraphSaysNo/m)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
  })

  it('does not start the phases that depend on the failed one, and reports them', async () => {
    test.sandbox.state.denied.add('graph')
    const { status, stderr } = await create()
    expect(status).toBe(4)
    expect(
      logLines(stderr)
        .filter(({ level }) => level === 'WARN')
        .map(({ message, fields }) => [message, fields.because])
        .toSorted()
    ).toEqual([
      ['[federated-identity] not started', 'aad-application failed'],
      ['[role-assignment] not started', 'aad-application failed'],
      ['[service-account] not started', 'aad-application failed']
    ])
    expect(stderr.match(/^Error: /gm)).toHaveLength(1)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })

  it('writes nothing if a look-up fails', async () => {
    test.fault(async (request, service, next) =>
      service === 'arm' && request.path.endsWith('/roleDefinitions') ? forbidden('ArmSaysNo') : next()
    )
    const { status } = await create()
    expect(status).toBe(4)
    expect(writes(test.sandbox)).toEqual([])
  })

  it('never writes an empty client ID after a failed look-up', async () => {
    test.fault(async (request, service, next) =>
      service === 'graph' && request.path.includes('/servicePrincipals') ? { status: 400, body: {} } : next()
    )
    const { status } = await create()
    expect(status).toBe(1)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })

  it.each([
    ['the application', (path: string) => path.startsWith('/v1.0/applications(')],
    ['the service principal', (path: string) => path === '/v1.0/servicePrincipals'],
    ['the credential', (path: string) => path.includes('/federatedIdentityCredentials(')],
    ['the service account', (path: string) => path.endsWith('/serviceaccounts/app')],
    ['the role assignment', (path: string) => path.includes('/roleAssignments/')]
  ])('succeeds if the response to the creation of %s is lost', async (_, isRequest) => {
    let lost = false
    test.fault(async (request, _service, next) => {
      const answer = await next()
      if (lost || request.method === 'GET' || !isRequest(request.path)) return answer
      lost = true
      return 'cut'
    })
    const { status, stderr } = await create()
    expect(lost).toBe(true)
    expect(status, stderr).toBe(0)
    expect(onlyApplication(test.sandbox.state).federatedIdentityCredentials).toHaveLength(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
  })

  it('waits until the directory knows the created objects', async () => {
    let refusals = 4
    test.fault(async (request, service, next) => {
      const tooEarly =
        service === 'graph' &&
        ((request.path.endsWith('/servicePrincipals') && request.method === 'POST') ||
          request.path.includes('/federatedIdentityCredentials('))
      if (!tooEarly || refusals-- <= 0) return next()
      return request.method === 'POST'
        ? {
            status: 400,
            body: {
              error: {
                code: 'Request_BadRequest',
                message: "The appId 'x' of the service principal does not reference a valid application object."
              }
            }
          }
        : { status: 404, body: { error: { code: 'Request_ResourceNotFound', message: 'Resource does not exist.' } } }
    })
    const { status, stderr } = await create()
    expect(status, stderr).toBe(0)
    expect(messages(stderr).some(text => text.startsWith('waiting '))).toBe(true)
  })

  it.each([
    ['a page', '<html>Not found</html>'],
    ['an empty body', ''],
    ['foreign JSON', { message: 'no route' }]
  ])('does not wait for the directory if a 404 with %s cannot be its answer', async (_, body) => {
    test.fault(async (request, service, next) =>
      service === 'graph' && request.path.includes('/federatedIdentityCredentials(') ? { status: 404, body } : next()
    )
    const { status, stderr } = await create()
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .* answered PATCH .* with a 404 in a format of its own/m)
    expect(messages(stderr).filter(text => text.startsWith('waiting '))).toEqual([])
  })
})
