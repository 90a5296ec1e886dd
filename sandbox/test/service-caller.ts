import { dispatch } from '../src/server/router.js'
import type { Service } from '../src/server/http.js'
import type { State } from '../src/state.js'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body as a client parses it from JSON. */
  readonly body: AnswerBody
}

/** The properties that the tests read from bodies. A test knows which of them its body has. */
export interface AnswerBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details?: readonly { readonly code: string }[]
  }
  readonly value: readonly AnswerBody[]
  readonly responses: readonly { readonly id: string; readonly status: number; readonly body: AnswerBody }[]
  readonly properties: Readonly<Record<string, unknown>> & { readonly principalId: string; readonly clientId: string }
  readonly tags: unknown
  readonly passwordCredentials: unknown
  readonly id: string
  readonly appId: string
  readonly name: string
  readonly displayName: string
  readonly uniqueName: string
  readonly subject: string
  readonly claimsMatchingExpression: unknown
  readonly keyId: string
  readonly secretText: string
  readonly createdDateTime: string
  readonly nextLink: string
  readonly '@odata.count': number
  readonly totalCount: number
  readonly totalRecords: number
  readonly count: number
  readonly data: unknown
  readonly resultTruncated: string
  readonly $skipToken: string | undefined
  readonly '@odata.nextLink': string | undefined
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The header Authorization, by default with a token of the operator. `undefined` omits it. */
  readonly authorization?: string | undefined
}

/** Calls a service without the network, by default as the operator. `target` is a path with a query. */
export type Call = (method: string, target: string, options?: CallOptions) => Promise<Answer>

/** Creates a caller of one service with a token for the audience. */
export async function createCaller(state: State, service: Service, audience: string): Promise<Call> {
  const token = await state.accessTokens.issue(
    { appId: state.operator.clientId, objectId: state.operator.objectId },
    audience
  )
  return async (method, target, options = {}) => {
    const url = new URL(target, `https://${service.name}.test`)
    const authorization = 'authorization' in options ? options.authorization : `Bearer ${token}`
    const {
      status,
      headers = {},
      body
    } = await dispatch(service, {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers
      },
      body: Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body)),
      origin: url.origin
    })
    return { status, headers, body: (body === undefined ? undefined : JSON.parse(JSON.stringify(body))) as AnswerBody }
  }
}
