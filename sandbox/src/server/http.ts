/**
 * What a sandbox service sees of HTTP. A service is a table of routes; the listener does the rest (TLS, bodies, the request log, faults).
 */
export interface SandboxRequest {
  readonly method: string
  /** The path as sent, without the query, still percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Scheme, host and port that the request came to: `https://localhost:40001`. */
  readonly origin: string
}

export interface SandboxResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON; a string or a Buffer as it is; nothing at all for a response without content. */
  readonly body?: object | string | Buffer
}

/** Path parameters, percent-decoded, by the name in the route's pattern. */
export type Parameters = Readonly<Record<string, string>>

export type Handler = (request: SandboxRequest, parameters: Parameters) => SandboxResponse | Promise<SandboxResponse>

export interface Route {
  readonly method: string
  /** Matched against the whole percent-encoded path; named groups become the parameters. Case-insensitive where the service is. */
  readonly pattern: RegExp
  readonly handler: Handler
}

/** One host of the cloud: its routes, and how it answers what it does not know. */
export interface Service {
  readonly name: 'entra' | 'graph' | 'arm' | 'kubernetes' | 'issuer'
  readonly routes: readonly Route[]
  /** Called for an unknown route: a loud 4xx in the service's own error format. */
  readonly unknown: (request: SandboxRequest) => SandboxResponse
  /** Turns an error that a handler threw into an answer in the service's own format. */
  readonly failed: (error: unknown, request: SandboxRequest) => SandboxResponse
}
