/**
 * An HTTP request as a service sees it. A service is a table of routes. The listener does the rest: TLS, reading
 * bodies, the request log, faults.
 */
export interface SandboxRequest {
  readonly method: string
  /** The path as the client sent it: percent-encoded, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Scheme, host and port that the client used: `https://localhost:40001`. */
  readonly origin: string
}

/** The response of a service. */
export interface SandboxResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a string or a Buffer as it is. Without it, the response has no content. */
  readonly body?: object | string | Buffer
}

/** Path parameters, percent-decoded. The keys are the names of the groups in the route's pattern. */
export type Parameters = Readonly<Record<string, string>>

/** Answers the requests of a route. It can throw the error class of its service, which becomes an error response. */
export type Handler = (request: SandboxRequest, parameters: Parameters) => SandboxResponse | Promise<SandboxResponse>

/** The requests with one method whose path matches one pattern. */
export interface Route {
  readonly method: string
  /**
   * Must match the whole percent-encoded path. Its named groups become the parameters. Case-insensitive if the real
   * service is.
   */
  readonly pattern: RegExp
  readonly handler: Handler
}

/** A service of the sandbox. */
export interface Service {
  readonly name: 'entra' | 'graph' | 'arm' | 'kubernetes' | 'issuer'
  readonly routes: readonly Route[]
  /**
   * Answers a request that no route matches: a 4xx in the error format of the service that says what the sandbox lacks.
   */
  readonly unknown: (request: SandboxRequest) => SandboxResponse
  /** Turns an error that a handler threw into a response in the error format of the service. */
  readonly failed: (error: unknown, request: SandboxRequest) => SandboxResponse
}
