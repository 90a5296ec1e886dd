import { isJsonObject, type JsonObject } from '../json.js'
import type { SandboxRequest } from '../server/http.js'
import { ArmError, badRequest } from './errors.js'

/** Parses the body of a request. Throws a 400 if it is not a JSON object or has another content type. */
export function readBody(request: SandboxRequest): JsonObject {
  if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw badRequest(
      "The content media type is not supported. Only 'application/json' is supported.",
      'UnsupportedMediaType'
    )
  }
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'))
    if (isJsonObject(body)) return body
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw badRequest('The request content was invalid and could not be deserialized.', 'InvalidRequestContent')
}

/**
 * Returns the location in a body, as ARM stores it: `West Europe` becomes `westeurope`. Throws a 400 if there is none.
 */
export function readLocation(body: JsonObject): string {
  const { location } = body
  if (typeof location !== 'string' || location.trim() === '') {
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.')
  }
  return location.toLowerCase().replaceAll(' ', '')
}

/** Returns the tags in a body, or none. Throws a 400 if they are not strings. */
export function readTags(body: JsonObject): Record<string, string> {
  const tags = body.tags ?? {}
  if (!isJsonObject(tags))
    throw badRequest('The tags are not valid: an object of strings is expected.', 'InvalidTagValueType')
  return Object.fromEntries(
    Object.entries(tags).map(([name, value]) => {
      if (typeof value !== 'string')
        throw badRequest(`The value of the tag '${name}' is not a string.`, 'InvalidTagValueType')
      return [name, value]
    })
  )
}
