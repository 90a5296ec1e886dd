import type { JsonObject } from '../json.js'
import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import { badRequest } from './errors.js'

/** How many entries a page holds. */
const pageSize = 100

/** An answer with a JSON body. */
export function json(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {}
): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body }
}

/** An answer without a body, and so without a content type (recorded for DELETE: 200 where there was something, 204 where there was not). */
export function empty(status: 200 | 204): SandboxResponse {
  return { status }
}

/** A list under `value`, in pages: `nextLink` is there while more follows, and is to be used as it stands. */
export function listing(request: SandboxRequest, entries: JsonObject[], size = pageSize): SandboxResponse {
  const token = request.query.get('$skiptoken') ?? request.query.get('$skipToken')
  const start = token === null ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8'))
  if (!Number.isInteger(start) || start < 0)
    throw badRequest(`The skip token '${token ?? ''}' is not valid.`, 'InvalidSkipToken')
  const end = start + size
  const value = entries.slice(start, end)
  if (end >= entries.length) return json(200, { value })
  const query = new URLSearchParams(request.query)
  query.delete('$skipToken')
  query.set('$skiptoken', Buffer.from(String(end)).toString('base64url'))
  return json(200, { value, nextLink: `${request.origin}${request.path}?${query.toString().replaceAll('%24', '$')}` })
}
