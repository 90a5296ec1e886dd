import { decodeJwt } from 'jose'
import type { SandboxRequest, Service } from './http.js'

/** An entry of the request log. It has no headers and no body, because they contain tokens. */
export interface LoggedRequest {
  /**
   * `proxy` for a CONNECT request that the proxy refused. An accepted one has no entry; the requests through it have
   * theirs.
   */
  readonly service: Service['name'] | 'proxy'
  /** The host name in the request, without the port. */
  readonly host: string
  readonly method: string
  readonly path: string
  readonly query: string
  /** 0 until a response is sent. Stays 0 if the connection was cut. */
  status: number
  readonly at: Date
  readonly userAgent: string | undefined
  /**
   * The audience in the bearer token. At the token endpoint, the requested audience. Undefined if the request has
   * neither.
   */
  audience: string | undefined
}

/** Returns the audience of a request for the log. Does not verify the token. */
export function audienceOf({ headers, body }: SandboxRequest): string | undefined {
  const token = /^Bearer +([^ ]+)$/i.exec(headers.authorization ?? '')?.[1]
  if (token !== undefined) return audienceOfToken(token)
  if (!(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return undefined
  return new URLSearchParams(body.toString()).get('scope')?.replace(/\/\.default$/, '')
}

function audienceOfToken(token: string): string | undefined {
  try {
    return [decodeJwt(token).aud ?? []].flat().join(' ') || undefined
  } catch {
    // The token is not a JWT, for example the one in the kubeconfig.
    return undefined
  }
}
