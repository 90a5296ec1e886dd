import type { SandboxRequest } from '../server/http.js'
import { isJsonObject, type Json, type JsonObject } from '../json.js'
import { decodeProtobuf } from './protobuf.js'
import { badRequest, StatusError } from './status-error.js'

/** The media type of the body, without parameters. Kubernetes takes an absent one for JSON. */
export function mediaType({ headers }: SandboxRequest): string {
  return (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** The object in the body of a create or an update: JSON, or one of the protobuf messages that kubectl sends. */
export function readObject(request: SandboxRequest): JsonObject {
  const type = mediaType(request)
  switch (type) {
    case 'application/json':
      return requireObject(parseJson(request.body))
    case 'application/vnd.kubernetes.protobuf': {
      const object = decodeProtobuf(request.body)
      if (object !== undefined) return object
      throw unsupportedMediaType(type, ['application/json'])
    }
    default:
      throw unsupportedMediaType(type, ['application/json', 'application/vnd.kubernetes.protobuf'])
  }
}

/** 415, naming what is understood. */
export function unsupportedMediaType(type: string, accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}; this was ${type}`
  )
}

/** The body as JSON; an empty one is refused too. An apply patch is YAML by name, but every client writes it as JSON, and so it is read. */
export function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString()) as Json
  } catch (error) {
    throw badRequest(`the request body is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Narrows to an object. */
export function requireObject(value: Json): JsonObject {
  if (!isJsonObject(value)) throw badRequest('the request body must be an object')
  return value
}
