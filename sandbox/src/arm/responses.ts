import type { JsonObject } from '../json.js'
import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import { badRequest } from './errors.js'

/** In entries. */
const pageSize = 100

/** Returns a response with a JSON body. */
export function json(
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {}
): SandboxResponse {
  return { status, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body }
}

/**
 * Returns a response without a body and content type. DELETE uses it: 200 if the resource existed, 204 if not
 * (recorded).
 */
export function empty(status: 200 | 204): SandboxResponse {
  return { status }
}

/** Returns a page of a list, in `value`. `nextLink` is the URL of the next page, if there is one. */
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
