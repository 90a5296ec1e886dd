import { decodeJwt } from 'jose'
import type { SandboxRequest, Service } from './http.js'

/** One line of the request log. Neither headers nor bodies: they hold tokens. */
export interface LoggedRequest {
  /** `proxy` for a CONNECT that was refused; one that was let through shows in what came through it. */
  readonly service: Service['name'] | 'proxy'
  /** The host name that the client asked for, without the port. */
  readonly host: string
  readonly method: string
  readonly path: string
  readonly query: string
  /** 0 until an answer is sent, and for ever where the connection was cut instead. */
  status: number
  readonly at: Date
  readonly userAgent: string | undefined
  /** What the bearer token is for, as it says itself; at the token endpoint, what a token was asked for. Undefined where nothing says. */
  audience: string | undefined
}

/** The audience that a request shows. What it says is not checked: the log tells what came in. */
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
    // No JWT, such as the administrator's token of the cluster.
    return undefined
  }
}
