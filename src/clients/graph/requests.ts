import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Client } from '@microsoft/microsoft-graph-client'
import { createGraphSdk, graphErrorFormat } from './sdk.js'
import { requireSameOrigin } from '../../net/next-link.js'
import { orUndefined, translateErrors } from '../../net/service-error.js'

interface Page<T> {
  value: T[]
  '@odata.nextLink'?: string
}
interface BatchAnswer {
  responses: { id: string; status: number; body: unknown }[]
}

type Query = Readonly<Record<string, string>>

/** What all of Graph's collections have in common: reading, listing to the last page, deleting, and reading many at once. */
export class GraphRequests {
  readonly sdk: Client
  readonly #endpoint: string

  constructor(graph: string, credential: TokenCredential, transport: HttpClient) {
    this.#endpoint = graph
    this.sdk = createGraphSdk(graph, credential, transport)
  }

  async get<T>(doing: string, path: string, query: Query): Promise<T> {
    return translateErrors(
      graphErrorFormat,
      doing,
      async () => (await this.sdk.api(path).query(encoded(query)).get()) as T
    )
  }

  /** Every item of a collection, page by page. */
  async list<T>(
    doing: string,
    path: string,
    query: Query,
    headers: Readonly<Record<string, string>> = {}
  ): Promise<T[]> {
    const items: T[] = []
    let page = await translateErrors(
      graphErrorFormat,
      doing,
      async () => (await this.sdk.api(path).headers(headers).query(encoded(query)).get()) as Page<T>
    )
    for (;;) {
      items.push(...page.value)
      const next = page['@odata.nextLink']
      if (next === undefined) return items
      requireSameOrigin(next, this.#endpoint, graphErrorFormat.service)
      page = await translateErrors(
        graphErrorFormat,
        doing,
        async () => (await this.sdk.api(next).headers(headers).get()) as Page<T>
      )
    }
  }

  /** False where it was gone already. */
  async delete(doing: string, path: string): Promise<boolean> {
    const deleted = await orUndefined(
      translateErrors(graphErrorFormat, doing, async () => {
        await this.sdk.api(path).delete()
        return true
      })
    )
    return deleted ?? false
  }

  /**
   * Lists up to 20 collections in one request. What comes back neither whole nor in one page is left out, for the caller to ask for by
   * itself. Source: Graph's documentation, "JSON batching".
   */
  async listMany<T>(doing: string, paths: readonly string[]): Promise<Map<string, T[]>> {
    const requests = paths.map((url, index) => ({ id: String(index), method: 'GET', url }))
    const answer = await translateErrors(
      graphErrorFormat,
      doing,
      async () => (await this.sdk.api('/$batch').post({ requests })) as BatchAnswer
    )
    const found = new Map<string, T[]>()
    for (const { id, status, body } of answer.responses) {
      const path = paths[Number(id)]
      const page = body as Page<T>
      if (path !== undefined && status === 200 && page['@odata.nextLink'] === undefined) found.set(path, page.value)
    }
    return found
  }
}

/** The SDK does not encode the values of a query. */
const encoded = (query: Query): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, encodeURIComponent(value)]))
