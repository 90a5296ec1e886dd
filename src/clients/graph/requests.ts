import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Client } from '@microsoft/microsoft-graph-client'
import { requireSameOrigin } from '../../net/next-link.js'
import { undefinedIfNotFound, translateErrors } from '../../net/service-error.js'
import { createGraphSdk, graphErrorFormat } from './sdk.js'

/** The maximum number of values in a `$filter` with `in`. Source: Graph's documentation. */
export const maxFilterValues = 15
/** The maximum number of requests in one batch. Source: Graph's documentation, "JSON batching". */
export const maxBatchRequests = 20

interface Page<T> {
  value: T[]
  '@odata.nextLink'?: string
}
interface BatchResponse {
  responses: { id: string; status: number; body: unknown }[]
}

type Query = Readonly<Record<string, string>>
type Headers = Readonly<Record<string, string>>

/**
 * Sends requests to Microsoft Graph. `operation` says what azwi was about to do, for error messages: it completes "refused to …".
 * Every method throws a ServiceError.
 */
export class GraphRequests {
  readonly #sdk: Client
  readonly #endpoint: string

  constructor(endpoint: string, credential: TokenCredential, transport: HttpClient) {
    this.#endpoint = endpoint
    this.#sdk = createGraphSdk(endpoint, credential, transport)
  }

  async get<T>(operation: string, path: string, query: Query): Promise<T> {
    return this.#get(operation, path, query, {})
  }

  /** Like `get`, but returns undefined for a 404. */
  async find<T>(operation: string, path: string, query: Query): Promise<T | undefined> {
    return undefinedIfNotFound(this.get<T>(operation, path, query))
  }

  /** Returns every item of a collection. Follows the links to further pages. */
  async list<T>(operation: string, path: string, query: Query, headers: Headers = {}): Promise<T[]> {
    const items: T[] = []
    let page = await this.#get<Page<T>>(operation, path, query, headers)
    for (;;) {
      items.push(...page.value)
      const next = page['@odata.nextLink']
      if (next === undefined) return items
      requireSameOrigin(next, this.#endpoint, graphErrorFormat.service)
      page = await this.#get<Page<T>>(operation, next, {}, headers)
    }
  }

  /** Lists soft-deleted objects. Graph filters those only as an advanced query: with `$count` and eventual consistency. */
  async listDeleted<T>(operation: string, path: string, filter: string, select: string): Promise<T[]> {
    const query = { $filter: filter, $select: select, $count: 'true' }
    return this.list(operation, path, query, { ConsistencyLevel: 'eventual' })
  }

  /**
   * Lists up to 20 collections in one request. The result has no entry for a collection that failed or has further pages: the caller
   * lists it by itself. Source: Graph's documentation, "JSON batching".
   */
  async listMany<T>(operation: string, paths: readonly string[]): Promise<Map<string, T[]>> {
    const found = new Map<string, T[]>()
    for (const [path, { status, body }] of await this.#batch(operation, paths)) {
      const page = body as Page<T>
      if (status === 200 && page['@odata.nextLink'] === undefined) found.set(path, page.value)
    }
    return found
  }

  /**
   * Reads up to 20 objects in one request. The result is null for an object that does not exist, and has no entry for a request that failed: the
   * caller reads that object by itself.
   */
  async findMany<T>(operation: string, paths: readonly string[]): Promise<Map<string, T | null>> {
    const found = new Map<string, T | null>()
    for (const [path, { status, body }] of await this.#batch(operation, paths)) {
      if (status === 200) found.set(path, body as T)
      if (status === 404) found.set(path, null)
    }
    return found
  }

  async #batch(operation: string, paths: readonly string[]): Promise<Map<string, BatchResponse['responses'][number]>> {
    const requests = paths.map((url, index) => ({ id: String(index), method: 'GET', url }))
    const { responses } = await this.post<BatchResponse>(operation, '/$batch', { requests })
    return new Map(
      responses.flatMap(response => {
        const path = paths[Number(response.id)]
        return path === undefined ? [] : [[path, response] as const]
      })
    )
  }

  async post<T>(operation: string, path: string, body: object): Promise<T> {
    return translateErrors(graphErrorFormat, operation, async () => (await this.#sdk.api(path).post(body)) as T)
  }

  /** Updates the object at a path that holds an alternate key, or creates it. Graph returns the object only if it created it. */
  async createIfMissing<T>(operation: string, path: string, body: object): Promise<T | undefined> {
    return translateErrors(
      graphErrorFormat,
      operation,
      async () => (await this.#sdk.api(path).header('Prefer', 'create-if-missing').patch(body)) as T | undefined
    )
  }

  /** Deletes the object at a path. Returns false if it does not exist. */
  async delete(operation: string, path: string): Promise<boolean> {
    const deleted = await undefinedIfNotFound(
      translateErrors(graphErrorFormat, operation, async () => {
        await this.#sdk.api(path).delete()
        return true
      })
    )
    return deleted ?? false
  }

  async #get<T>(operation: string, path: string, query: Query, headers: Headers): Promise<T> {
    return translateErrors(
      graphErrorFormat,
      operation,
      async () => (await this.#sdk.api(path).headers(headers).query(encoded(query)).get()) as T
    )
  }
}

/** Groups objects by display name, with an entry for every name. Graph compares display names without regard to case. */
export function byName<T extends { readonly displayName: string }>(
  names: readonly string[],
  objects: readonly T[]
): Map<string, T[]> {
  return new Map(
    names.map(name => [name, objects.filter(({ displayName }) => displayName.toLowerCase() === name.toLowerCase())])
  )
}

/** The SDK does not encode the values of a query. */
const encoded = (query: Query): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, encodeURIComponent(value)]))
