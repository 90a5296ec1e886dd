import type { SandboxRequest } from '../http.js'
import { isJsonObject, type JsonObject } from '../json.js'
import { malformed } from './errors.js'

/** The JSON object that a request carries. Anything else, or another content type, is what Graph calls an unreadable payload. */
export function readBody(request: SandboxRequest): JsonObject {
  const contentType = request.headers['content-type'] ?? ''
  if (/^application\/json(;|$)/i.test(contentType)) {
    try {
      const body: unknown = JSON.parse(request.body.toString('utf8'))
      if (isJsonObject(body)) return body
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  throw malformed(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.'
  )
}
