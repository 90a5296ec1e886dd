import type { SandboxRequest } from '../server/http.js'
import { StatusError } from './status-error.js'

/**
 * Returns the first available media type that the client accepts. Without `Accept`, it is the first one. Throws a 406
 * in the words of the API server (go-restful, recorded).
 */
export function negotiate({ headers }: SandboxRequest, available: readonly string[]): string {
  const accepted = acceptedTypes(headers.accept ?? '')
  for (const type of accepted) {
    const found = available.find(candidate => type === '*/*' || type === candidate || isSubtype(candidate, type))
    if (found !== undefined) return found
  }
  throw new StatusError(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`,
    {}
  )
}

/** Returns the media types of a header `Accept` without their parameters, in the order of the header. */
function acceptedTypes(accept: string): string[] {
  const types = accept
    .split(',')
    .map(type => type.split(';')[0]?.trim() ?? '')
    .filter(type => type !== '')
  return types.length === 0 ? ['*/*'] : types
}

const isSubtype = (candidate: string, range: string): boolean =>
  range.endsWith('/*') && candidate.startsWith(range.slice(0, -1))
