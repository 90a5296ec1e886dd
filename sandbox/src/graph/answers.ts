import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { Json, JsonObject } from '../json.js'
import type { State } from '../state.js'

const contentType = 'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8'

/** The value of `@odata.context` for a path under `$metadata#`. */
export function contextOf(request: SandboxRequest, path: string): string {
  return `${request.origin}/v1.0/$metadata#${path}`
}

/** 200 (or another status) with one object, its context first (recorded). */
export function entity(request: SandboxRequest, context: string, object: JsonObject, status = 200): SandboxResponse {
  return content(status, { '@odata.context': contextOf(request, context), ...object })
}

/** 201 with the object and the Location that Graph gives, which is under `/v2/<tenant>/` and not under `/v1.0` (recorded). */
export function created(
  state: State,
  request: SandboxRequest,
  context: string,
  object: JsonObject,
  location: string
): SandboxResponse {
  const answer = entity(request, context, object, 201)
  return { ...answer, headers: { ...answer.headers, location: `${request.origin}/v2/${state.tenantId}/${location}` } }
}

/** 200 with a list under `value`. */
export function collection(
  request: SandboxRequest,
  context: string,
  value: JsonObject[],
  annotations: JsonObject = {}
): SandboxResponse {
  return content(200, { '@odata.context': contextOf(request, context), ...annotations, value })
}

/** 204: done, and nothing to say. */
export function nothing(): SandboxResponse {
  return { status: 204, headers: { 'x-ms-resource-unit': '1' } }
}

function content(status: number, body: Record<string, Json>): SandboxResponse {
  return {
    status,
    headers: { 'content-type': contentType, 'odata-version': '4.0', 'x-ms-resource-unit': '1' },
    body
  }
}
