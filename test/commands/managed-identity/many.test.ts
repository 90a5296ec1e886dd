import { describe, expect, it } from 'vitest'
import type { SandboxResponse } from '../../../sandbox/src/server/http.js'
import { addManagedIdentity } from '../../helpers/managed-identity.js'
import { many, resultsOf, useApply } from '../../workloads/stage.js'

const { test, apply } = useApply()
const names = ['one', 'two', 'three', 'four', 'five']
const text = many(
  names.length,
  index =>
    `- { name: app-${index}, identity: { managedIdentity: { name: ${names[index] ?? ''}, resourceGroup: azwi-sandbox } } }`
)
const list = /\/userAssignedIdentities$/
const refused: SandboxResponse = {
  status: 403,
  body: { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } }
}
const reads = (path: RegExp) =>
  test.sandbox.requests.filter(each => each.method === 'GET' && path.test(each.path)).length

describe('the managed identities of many workloads', () => {
  it('are read with one list request, and their resource group once', async () => {
    const { status, stderr } = await apply(text)
    expect(status, stderr).toBe(0)
    expect([reads(list), reads(/\/userAssignedIdentities\/[^/]+$/), reads(/\/resourcegroups\/[^/]+$/i)]).toEqual([
      1, 0, 1
    ])
    expect(test.sandbox.state.managedIdentities.size).toBe(5)
  })

  it('are found on any page and in any letter case, and keep their tags', async () => {
    for (const name of names) addManagedIdentity(test.sandbox.state, name.toUpperCase(), { tags: { team: 'red' } })
    test.fault(async (request, _service, next) => {
      const answer = await next()
      if (!request.path.endsWith('/userAssignedIdentities') || typeof answer === 'string') return answer
      const { value } = answer.body as { value: unknown[] }
      const page = Number(request.query.get('page') ?? 0)
      const more =
        page + 1 < value.length
          ? { nextLink: `${request.origin}${request.path}?api-version=2024-11-30&page=${page + 1}` }
          : {}
      return { ...answer, body: { value: value.slice(page, page + 1), ...more } }
    })
    const { status, stderr } = await apply(text, '--adopt')
    expect(status, stderr).toBe(0)
    expect(reads(list)).toBe(5)
    expect([...test.sandbox.state.managedIdentities.values()].map(({ tags }) => tags)).toEqual(
      names.map(() => ({ team: 'red' }))
    )
  })

  it('are read one by one if the list is denied, and only those without permission fail', async () => {
    test.fault((request, _service, next) =>
      request.method === 'GET' && (request.path.endsWith('/userAssignedIdentities') || request.path.endsWith('/two'))
        ? Promise.resolve(refused)
        : next()
    )
    const outcome = await apply(text, '-o', 'json')
    expect(outcome.status).toBe(4)
    expect(Object.values(resultsOf(outcome))).toEqual(['created', 'failed', 'created', 'created', 'created'])
  })

  it('fail separately if there are only a few', async () => {
    test.fault((request, _service, next) =>
      request.method === 'GET' && request.path.endsWith('/two') ? Promise.resolve(refused) : next()
    )
    const outcome = await apply(text.split('\n').slice(0, 3).join('\n'), '-o', 'json')
    expect(Object.values(resultsOf(outcome))).toEqual(['created', 'failed'])
  })

  it('fail together if their resource group does not exist', async () => {
    const outcome = await apply(text.replaceAll('azwi-sandbox', 'nowhere'), '-o', 'json')
    expect(new Set(Object.values(resultsOf(outcome)))).toEqual(new Set(['failed']))
    expect(outcome.stderr).toContain('"code":"ResourceGroupNotFound"')
  })
})
