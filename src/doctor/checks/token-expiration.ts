import { annotation, tokenExpirationSeconds } from '../../identity/annotations.js'
import { parseDuration } from '../../identity/duration.js'
import type { Case } from '../evidence.js'
import { fail, ok, type Finding } from '../finding.js'
import { annotateLine } from './identity-fixes.js'

/** That the webhook takes the lifetime that is asked for: else it refuses every pod of the service account (azure-workload-identity, pkg/webhook). */
export function tokenExpirationCheck({ account: evidence }: Case): Finding {
  const { minimum, maximum, default: ordinary } = tokenExpirationSeconds
  const found = evidence.account?.metadata?.annotations?.[annotation.tokenExpiration] ?? ''
  if (found === '') return ok('token-expiration', `tokens live for ${ordinary} seconds, the default`)
  // As Go's strconv.ParseInt reads it.
  const isWhole = /^[+-]?\d+$/.test(found)
  const seconds = Number(found)
  if (isWhole && seconds >= minimum && seconds <= maximum)
    return ok('token-expiration', `tokens live for ${seconds} seconds`)
  const meant = isWhole ? seconds : parseDuration(found.trim())
  const right = meant === undefined ? undefined : String(Math.min(Math.max(Math.round(meant), minimum), maximum))
  const message = isWhole
    ? `a token expiration of ${found} seconds is not from ${minimum} to ${maximum}: the webhook refuses the pods`
    : `the token expiration ${JSON.stringify(found)} is not a whole number of seconds: the webhook refuses the pods`
  return fail('token-expiration', message, {
    found,
    expected: `${minimum} to ${maximum}`,
    fix: [annotateLine(evidence, annotation.tokenExpiration, right)]
  })
}
