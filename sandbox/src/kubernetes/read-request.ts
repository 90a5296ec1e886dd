import { isJsonObject, type Json, type JsonObject } from '../json.js'
import type { SandboxRequest } from '../server/http.js'
import { decodeProtobuf } from './protobuf.js'
import { badRequest, StatusError } from './status-error.js'

/** Returns the media type of the body, without parameters. Without a `Content-Type`, it is JSON, as in Kubernetes. */
export function mediaType({ headers }: SandboxRequest): string {
  return (headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
}

/**
 * Reads the object in the body of a create or an update: JSON, or one of the protobuf messages that kubectl sends.
 * Throws a 415 for another media type, and a 400 for a malformed body.
 */
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

/** Returns a 415 that lists the accepted media types. */
export function unsupportedMediaType(type: string, accepted: readonly string[]): StatusError {
  return new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}; this was ${type}`
  )
}

/**
 * Parses the body as JSON. Throws a 400 for a malformed or empty body. Apply patches are parsed as JSON too: their
 * media type is YAML, but clients send JSON.
 */
export function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString()) as Json
  } catch (error) {
    throw badRequest(`the request body is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Returns the value as an object. Throws a 400 if it is not one. */
export function requireObject(value: Json): JsonObject {
  if (!isJsonObject(value)) throw badRequest('the request body must be an object')
  return value
}

/** The query parameters of a write (Kubernetes API reference, common parameters). */
export interface WriteOptions {
  /** The field manager. */
  readonly manager: string
  readonly dryRun: boolean
  readonly force: boolean
  /** True for `fieldValidation=Strict`: unknown fields are errors. */
  readonly strict: boolean
}

/**
 * Reads the query parameters of a write. Throws a 400 for an invalid one. The default field manager is the user agent
 * up to its first `/`, as in Kubernetes.
 */
export function readWriteOptions({ query, headers }: SandboxRequest): WriteOptions {
  const dryRun = query.getAll('dryRun')
  if (dryRun.some(value => value !== 'All'))
    throw badRequest(`Invalid value: ${JSON.stringify(dryRun)}: dryRun must be "All"`)
  const manager = query.get('fieldManager') ?? ''
  if (manager.length > 128) throw badRequest('fieldManager: Too long: may not be more than 128 bytes')
  return {
    manager: manager === '' ? (headers['user-agent']?.split('/')[0] ?? 'unknown').slice(0, 128) : manager,
    dryRun: dryRun.length > 0,
    force: query.get('force') === 'true',
    strict: query.get('fieldValidation') === 'Strict'
  }
}
