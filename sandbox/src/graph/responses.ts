import type { Json, JsonObject } from '../json.js'
import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { isBeta } from './paths.js'

const contentType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** Returns the value of `@odata.context` for a path below `$metadata#`. */
export function contextOf(request: SandboxRequest, path: string): string {
  return `${request.origin}/${isBeta(request) ? 'beta' : 'v1.0'}/$metadata#${path}`
}

/** Returns a response with one object. Its `@odata.context` comes first (recorded). */
export function entity(request: SandboxRequest, context: string, object: JsonObject, status = 200): SandboxResponse {
  return content(status, { '@odata.context': contextOf(request, context), ...object })
}

/**
 * Returns a 201 with the created object. `location` is relative to `/v2/<tenant>/`, because Graph's Location header is
 * not below `/v1.0` (recorded).
 */
export function created(
  state: State,
  request: SandboxRequest,
  context: string,
  object: JsonObject,
  location: string
): SandboxResponse {
  const response = entity(request, context, object, 201)
  return {
    ...response,
    headers: { ...response.headers, location: `${request.origin}/v2/${state.tenantId}/${location}` }
  }
}

/** Returns a 200 with a list in `value`. `annotations` are the other properties of the response. */
export function collection(
  request: SandboxRequest,
  context: string,
  value: JsonObject[],
  annotations: JsonObject = {}
): SandboxResponse {
  return content(200, { '@odata.context': contextOf(request, context), ...annotations, value })
}

/**
 * Returns a 200 whose body breaks off at a null in a property that must have a value: an error object follows in the
 * middle of the JSON (recorded).
 */
export function brokenOff(state: State, response: SandboxResponse, property: string): SandboxResponse {
  const text = JSON.stringify(response.body)
  const error = {
    code: 'InternalServerError',
    message: `The property '${property}[Nullable=False]' of type 'Edm.String' has a null value, which is not allowed.`,
    innerError: {
      date: state.now().toISOString().slice(0, 19),
      'request-id': state.uuid(),
      'client-request-id': state.uuid()
    }
  }
  return { ...response, body: text.slice(0, text.indexOf(`,"${property}":null`)) + JSON.stringify({ error }) }
}

/** Returns a 204. */
export function noContent(): SandboxResponse {
  return { status: 204, headers: { 'x-ms-resource-unit': '1' } }
}

function content(status: number, body: Record<string, Json>): SandboxResponse {
  return {
    status,
    headers: { 'content-type': contentType, 'odata-version': '4.0', 'x-ms-resource-unit': '1' },
    body
  }
}
