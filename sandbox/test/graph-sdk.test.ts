import { Client, type Context, GraphError, type PageCollection, PageIterator } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'
import { ask } from './client.js'

let sandbox: Sandbox
let client: Client

beforeAll(async () => {
  sandbox = await startSandbox()
  const { state } = sandbox
  const token = await state.accessTokens.issue(
    { appId: state.operator.clientId, objectId: state.operator.objectId },
    'https://graph.microsoft.com'
  )
  client = Client.initWithMiddleware({
    baseUrl: state.endpoints.graph,
    customHosts: new Set(['localhost']),
    middleware: { execute: context => send(context, token) }
  })
})

afterAll(async () => {
  await sandbox.close()
})

/** Replaces the fetch of the client, which needs a setting of the whole process to trust another certificate authority. */
async function send(context: Context, token: string): Promise<void> {
  const { method = 'GET', headers, body } = context.options ?? {}
  const {
    status,
    text,
    headers: answered
  } = await ask(sandbox, String(context.request), {
    method,
    headers: { ...(headers as Record<string, string>), authorization: `Bearer ${token}` },
    ...(typeof body === 'string' ? { body } : {})
  })
  context.response = new Response(status === 204 ? null : text, {
    status,
    headers: { 'content-type': String(answered['content-type']) }
  })
}

describe('the Microsoft Graph client', () => {
  it('upserts an application on its unique name, and adds a credential and a service principal', async () => {
    const upsert = (): Promise<unknown> =>
      client
        .api("/applications(uniqueName='default-sa-1g7d=')")
        .header('Prefer', 'create-if-missing')
        .patch({ displayName: "O'Brien" })
    await upsert()
    await upsert()
    const { value } = (await client.api('/applications').filter("displayName eq 'O''Brien'").get()) as {
      value: { id: string; appId: string }[]
    }
    expect(value).toHaveLength(1)
    const { id, appId } = value[0]!
    const credential = {
      name: 'kubernetes',
      issuer: 'https://issuer/',
      subject: 's',
      audiences: ['api://AzureADTokenExchange']
    }
    expect(await client.api(`/applications/${id}/federatedIdentityCredentials`).post(credential)).toMatchObject(
      credential
    )
    expect(await client.api('/servicePrincipals').post({ appId })).toMatchObject({ appId, displayName: "O'Brien" })
    await client.api(`/applications/${id}`).delete()
    expect(
      await client
        .api('/directory/deletedItems/microsoft.graph.application')
        .filter("uniqueName eq 'default-sa-1g7d='")
        .get()
    ).toMatchObject({ value: [{ id }] })
  })

  it('parses errors', async () => {
    const error: unknown = await client
      .api('/applications/11111111-1111-1111-1111-111111111111')
      .get()
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GraphError)
    expect(error).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' })
  })

  it('follows the pages of a list', async () => {
    for (let index = 0; index < 5; index += 1) await client.api('/applications').post({ displayName: `page ${index}` })
    const names: string[] = []
    const first = (await client
      .api('/applications')
      .filter("startswith(displayName,'page')")
      .top(2)
      .get()) as PageCollection
    await new PageIterator(client, first, (application: { displayName: string }) => {
      names.push(application.displayName)
      return true
    }).iterate()
    expect(names.sort()).toEqual(['page 0', 'page 1', 'page 2', 'page 3', 'page 4'])
  })
})
