import { isJsonObject } from '../json.js'
import type { SandboxResponse } from '../server/http.js'
import type { MisleadingKind } from './format.js'

const json = { 'content-type': 'application/json; charset=utf-8' }

const signInPage =
  '<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>' +
  '<body><form action="/login" method="post"><input name="user"><input name="password" type="password"></form></body></html>\n'

/** An answer of another program, with properties that answers of the services have too. */
const foreignObject = { id: '7', name: 'guest', type: 'session', status: 'ok', properties: { expires: 3600 } }

/** Whether the kinds change what the service answered. The others replace it. */
const changes: Readonly<Record<MisleadingKind, boolean>> = {
  html: false,
  empty: false,
  null: false,
  object: false,
  foreign: false,
  'no-content': false,
  redirect: false,
  truncated: true,
  'next-link': true
}

/** Reports whether an answer of this kind needs what the service answered, so that the service must do its work. */
export function changesAnswer(kind: MisleadingKind): boolean {
  return changes[kind]
}

/**
 * Returns an answer that looks like a success and is not what the service answers: what a proxy, a captive portal or a
 * broken gateway sends. `answer` is that of the service, for the kinds that change it. `link` is the URL of a redirect
 * or of the next page.
 */
export function misleadingAnswer(kind: MisleadingKind, answer: SandboxResponse, link: string): SandboxResponse {
  switch (kind) {
    case 'html':
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: signInPage }
    case 'empty':
      return { status: 200, headers: json, body: '' }
    case 'null':
      return { status: 200, headers: json, body: 'null' }
    case 'object':
      return { status: 200, headers: json, body: '{}' }
    case 'foreign':
      return { status: 200, headers: json, body: foreignObject }
    case 'no-content':
      return { status: 204 }
    case 'redirect':
      return { status: 307, headers: { location: link } }
    case 'truncated':
      return truncated(answer)
    case 'next-link':
      return withNextLink(answer, link)
  }
}

/** Returns the first half of the body, with a length that fits it. */
function truncated(answer: SandboxResponse): SandboxResponse {
  if (answer.body === undefined) return answer
  const text =
    typeof answer.body === 'object' && !Buffer.isBuffer(answer.body) ? JSON.stringify(answer.body) : answer.body
  return { ...answer, headers: { ...json, ...answer.headers }, body: text.slice(0, text.length / 2) }
}

/** Adds a link to a next page to a list, under the names that ARM and Graph use. Leaves other answers as they are. */
function withNextLink(answer: SandboxResponse, link: string): SandboxResponse {
  const body: unknown = answer.body
  if (!isJsonObject(body) || !Array.isArray(body.value)) return answer
  return { ...answer, body: { ...body, nextLink: link, '@odata.nextLink': link } }
}
