import { beforeEach, describe, expect, it } from 'vitest'
import { graphService } from '../src/graph/service.js'
import type { State } from '../src/state.js'
import { reusableState } from '../../test/helpers/state-reset.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

const freshState = reusableState()
let state: State
let graph: Call

beforeEach(async () => {
  state = await freshState()
  graph = await createCaller(state, graphService(state), 'https://graph.microsoft.com')
})

async function create(body: object): Promise<{ id: string; appId: string }> {
  const answer = await graph('POST', '/v1.0/applications', { body })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body
}

function names(answer: Answer): string[] {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  return answer.body.value.map(application => application.displayName).sort()
}

function filtered(filter: string, rest = ''): Promise<Answer> {
  return graph('GET', `/v1.0/applications?$filter=${encodeURIComponent(filter)}${rest}`)
}

const upsert = (
  name: string,
  body: object,
  headers: Record<string, string> = { prefer: 'create-if-missing' }
): Promise<Answer> => graph('PATCH', `/v1.0/applications(uniqueName='${name}')`, { body, headers })

describe('Graph', () => {
  it('refuses requests without a token for Graph', async () => {
    const none = await graph('GET', '/v1.0/applications', { authorization: undefined })
    expect([none.status, none.body.error.code]).toEqual([401, 'InvalidAuthenticationToken'])
    const armToken = await state.accessTokens.issue({ appId: 'a', objectId: 'b' }, 'https://management.azure.com/')
    expect((await graph('GET', '/v1.0/applications', { authorization: `Bearer ${armToken}` })).status).toBe(401)
  })

  it('denies writes but not reads if permission to write is denied', async () => {
    state.denied.add('graph')
    const answer = await graph('POST', '/v1.0/applications', { body: { displayName: 'x' } })
    expect([answer.status, answer.body.error.code]).toEqual([403, 'Authorization_RequestDenied'])
    expect((await graph('GET', '/v1.0/applications')).status).toBe(200)
  })

  it('denies reads if permission to read is denied', async () => {
    state.denied.add('graph reads')
    const answer = await graph('GET', '/v1.0/applications')
    expect([answer.status, answer.body.error.code]).toEqual([403, 'Authorization_RequestDenied'])
  })

  it.each([
    ['GET', '/beta/applications', 400],
    ['GET', '/v1.0/nothing', 400],
    ['PUT', '/v1.0/applications', 405],
    ['GET', '/v1.0/applications/no-guid', 400],
    ['GET', '/v1.0/applications?$expand=owners', 400],
    ['GET', '/v1.0/applications?$top=0', 400],
    ['GET', '/v1.0/applications?$top=1000', 400],
    ['GET', '/v1.0/applications?$count=true', 400],
    ['GET', '/v1.0/applications?$select=nonsense', 400],
    ['GET', '/v1.0/applications?$skiptoken=x', 400],
    ['GET', '/v1.0/me', 400]
  ])('answers %s %s with %i', async (method, target, status) => {
    expect((await graph(method, target)).status).toBe(status)
  })
})

describe('a filter', () => {
  beforeEach(async () => {
    await create({ displayName: "O'Brien" })
    await create({ displayName: 'one and two', uniqueName: 'u' })
  })

  it.each([
    ["displayName eq 'O''Brien'", ["O'Brien"]],
    ["displayName eq 'o''BRIEN'", ["O'Brien"]],
    ["displayName eq 'one and two'", ['one and two']],
    ["startswith(displayName,'o')", ["O'Brien", 'one and two']],
    ["displayName in ('one and two', 'nobody')", ['one and two']],
    ["uniqueName eq 'u' and displayName eq 'one and two'", ['one and two']],
    ["(uniqueName eq 'u') or displayName eq 'O''Brien'", ["O'Brien", 'one and two']],
    ["displayName eq 'nobody'", []]
  ])('finds applications by %s', async (filter, found) => {
    expect(names(await filtered(filter))).toEqual(found)
  })

  it.each([
    ["displayName eq 'O'Brien'", 'BadRequest'],
    ['displayName eq', 'BadRequest'],
    ["displayName = 'x'", 'BadRequest'],
    ["nonsense eq 'x'", 'BadRequest'],
    ['', 'BadRequest'],
    ["displayName eq 'x' nor", 'BadRequest'],
    ['startswith(displayName)', 'BadRequest'],
    ["displayName ne 'x'", 'Request_UnsupportedQuery'],
    ["notes eq 'x'", 'Request_UnsupportedQuery'],
    ["displayName eq ''", 'Request_UnsupportedQuery'],
    ["contains(displayName,'x')", 'Request_UnsupportedQuery'],
    ["not(displayName eq 'x')", 'Request_UnsupportedQuery'],
    [`appId in (${Array.from({ length: 16 }, () => "'x'").join(',')})`, 'Request_UnsupportedQuery']
  ])('is refused: %s', async (filter, code) => {
    const answer = await filtered(filter)
    expect([answer.status, answer.body.error.code]).toEqual([400, code])
  })
})

describe('a list', () => {
  it('has pages without gaps and duplicates, even if an application is deleted in between', async () => {
    for (let index = 0; index < 5; index += 1) await create({ displayName: `application ${index}` })
    const listed: string[] = []
    let next: string | undefined =
      "/v1.0/applications?$top=2&$filter=startswith(displayName,'application')&$select=id,displayName"
    while (next !== undefined) {
      const { body } = await graph('GET', next)
      listed.push(...body.value.map(({ displayName }) => displayName))
      expect(Object.keys(body.value[0]!)).toEqual(['id', 'displayName'])
      if (listed.length === 2) state.applications.delete(body.value[1]!.id)
      next = body['@odata.nextLink']
    }
    expect(listed.sort()).toEqual(Array.from({ length: 5 }, (_value, index) => `application ${index}`))
  })

  it('has a count in an advanced query', async () => {
    await create({ displayName: 'x' })
    const answer = await graph('GET', '/v1.0/applications?$count=true', { headers: { consistencylevel: 'eventual' } })
    expect(answer.body['@odata.count']).toBe(1)
  })
})

describe('an application', () => {
  it('is found by ID, client ID and unique name, and shows seven decimals only when it is created', async () => {
    const { body } = await graph('POST', '/v1.0/applications', { body: { displayName: 'x', uniqueName: "u'=" } })
    expect(body.createdDateTime).toMatch(/\.\d{7}Z$/)
    for (const target of [
      `/${body.id}`,
      `(appId='${body.appId}')`,
      "(uniqueName='u''=')",
      '(uniqueName%3D%27u%27%27%3D%27)'
    ]) {
      const found = await graph('GET', `/v1.0/applications${target}`)
      expect(found.body.createdDateTime, target).toMatch(/:\d\dZ$/)
    }
  })

  it.each([
    [{}, 'displayName'],
    [{ displayName: '' }, 'displayName'],
    [{ displayName: 5 }, 'displayName'],
    [{ displayName: 'x'.repeat(257) }, 'displayName'],
    [{ displayName: 'x', dispalyName: 'y' }, 'dispalyName'],
    [{ displayName: 'x', appId: 'y' }, 'appId'],
    [{ displayName: 'x', tags: 'y' }, 'tags'],
    [{ displayName: 'x', signInAudience: 'Everybody' }, 'signInAudience']
  ])('is refused: %j', async (body, named) => {
    const answer = await graph('POST', '/v1.0/applications', { body })
    expect(answer.status).toBe(400)
    expect(answer.body.error.message).toContain(`'${named}'`)
    expect(state.applications.size).toBe(0)
  })

  it('is refused if the body is not a JSON object', async () => {
    expect((await graph('POST', '/v1.0/applications')).status).toBe(400)
    expect((await graph('POST', '/v1.0/applications', { body: [] })).status).toBe(400)
  })

  it('is deleted with its service principal, restored without it, and purged', async () => {
    const { id, appId } = await create({ displayName: 'x' })
    await graph('POST', '/v1.0/servicePrincipals', { body: { appId } })
    await graph('POST', `/v1.0/applications/${id}/federatedIdentityCredentials`, {
      body: { name: 'abc', issuer: 'i', subject: 's', audiences: ['a'] }
    })
    expect((await graph('DELETE', `/v1.0/applications/${id}`)).status).toBe(204)
    expect((await graph('GET', `/v1.0/applications/${id}`)).status).toBe(404)
    expect((await graph('GET', `/v1.0/servicePrincipals(appId='${appId}')`)).status).toBe(404)
    expect(
      names(await graph('GET', "/v1.0/directory/deletedItems/microsoft.graph.application?$filter=displayName eq 'x'"))
    ).toEqual(['x'])
    expect((await graph('GET', `/v1.0/directory/deletedItems/${id}`)).body).toMatchObject({
      '@odata.type': '#microsoft.graph.application',
      id
    })

    expect((await graph('POST', `/v1.0/directory/deletedItems/${id}/restore`)).status).toBe(200)
    // Graph does not restore its service principal (Graph reference, directory-deleteditems-restore).
    expect((await graph('GET', `/v1.0/servicePrincipals(appId='${appId}')`)).status).toBe(404)
    const [principal] = (
      await graph('GET', `/v1.0/directory/deletedItems/microsoft.graph.servicePrincipal?$filter=appId eq '${appId}'`)
    ).body.value as unknown as { id: string }[]
    expect((await graph('POST', `/v1.0/directory/deletedItems/${principal!.id}/restore`)).status).toBe(200)
    expect((await graph('GET', `/v1.0/servicePrincipals(appId='${appId}')`)).body.id).toBe(principal!.id)
    expect((await graph('GET', `/v1.0/applications/${id}/federatedIdentityCredentials`)).body.value).toHaveLength(1)

    await graph('DELETE', `/v1.0/applications/${id}`)
    expect((await graph('DELETE', `/v1.0/directory/deletedItems/${id}`)).status).toBe(204)
    expect((await graph('POST', `/v1.0/directory/deletedItems/${id}/restore`)).status).toBe(404)
  })
})

describe('a unique name', () => {
  it('creates one application in several upserts', async () => {
    const first = await upsert('u', { displayName: 'x' })
    expect([first.status, first.body.uniqueName]).toEqual([201, 'u'])
    expect((await upsert('u', { displayName: 'y' })).status).toBe(204)
    expect(names(await graph('GET', '/v1.0/applications'))).toEqual(['y'])
  })

  it('creates nothing without the Prefer header', async () => {
    expect((await upsert('u', { displayName: 'x' }, {})).status).toBe(404)
  })

  it('cannot be changed, and cannot be used twice', async () => {
    const { id } = await create({ displayName: 'x', uniqueName: 'u' })
    const other = await create({ displayName: 'y' })
    for (const answer of [
      await graph('PATCH', `/v1.0/applications/${id}`, { body: { uniqueName: 'v' } }),
      await graph('PATCH', `/v1.0/applications/${other.id}`, { body: { uniqueName: 'u' } }),
      await graph('POST', '/v1.0/applications', { body: { displayName: 'z', uniqueName: 'u' } })
    ])
      expect([answer.status, answer.body.error.code]).toEqual([400, 'Request_BadRequest'])
  })

  it('is reserved by a deleted application until it is purged (msgraph-bicep-types #137)', async () => {
    const { id } = await create({ displayName: 'x', uniqueName: 'u' })
    await graph('DELETE', `/v1.0/applications/${id}`)
    const refused = await upsert('u', { displayName: 'x' })
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      'Another object with the same value for property uniqueName already exists.'
    ])
    await graph('DELETE', `/v1.0/directory/deletedItems/${id}`)
    expect((await upsert('u', { displayName: 'x' })).status).toBe(201)
  })
})
