import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { UsageError } from '../../errors.js'
import type { TokenClaims } from './model.js'

const howToGetOne =
  'a pod has its own at $AZURE_FEDERATED_TOKEN_FILE; or: kubectl create token <service account> --namespace <namespace> --audience api://AzureADTokenExchange'

/**
 * Returns the claims of a service account token (a JWT, RFC 7519). Ignores white space around the token. Does not verify the signature: Entra does
 * that. `source` is the origin of the text, for error messages.
 *
 * @throws UsageError if the text is not such a token. The error contains no part of the text, because even half a token might be a secret.
 */
export function decodeToken(text: string, source = 'the input'): TokenClaims {
  const token = text.trim()
  const problem = formProblem(token)
  if (problem !== undefined) throw new UsageError(`${source} ${problem}`, howToGetOne)
  const { header, payload } = decodeParts(token, source)
  const { iss, sub, aud } = payload
  if (typeof iss !== 'string' || iss === '')
    throw new UsageError(`the token in ${source} names no issuer (iss), so it is not a service account's`, howToGetOne)
  if (typeof sub !== 'string' || sub === '')
    throw new UsageError(`the token in ${source} names no subject (sub), so it is not a service account's`, howToGetOne)
  return {
    issuer: iss,
    subject: sub,
    audiences: [aud ?? []].flat().filter(audience => typeof audience === 'string'),
    keyId: typeof header.kid === 'string' ? header.kid : undefined,
    algorithm: typeof header.alg === 'string' ? header.alg : 'none',
    issuedAt: secondsOf(payload.iat),
    notBefore: secondsOf(payload.nbf),
    expiresAt: secondsOf(payload.exp)
  }
}

/** Returns a frequent mistake with token files, as the end of a sentence that begins with the source. */
function formProblem(token: string): string | undefined {
  if (token === '') return 'is empty: there is no token in it'
  if (token.startsWith('{')) return 'holds JSON and not a token: take the token out of it'
  if (/^bearer\s/i.test(token)) return 'holds an Authorization header and not a token: leave out the word before it'
  if (/\s/.test(token)) return 'holds more than one word or line, and a token is a single one'
  const parts = token.split('.').length
  if (parts === 5) return 'holds an encrypted token, which can be read only by whom it is for'
  return parts === 3 ? undefined : 'holds no token: a token is three parts with dots between them'
}

function decodeParts(
  token: string,
  source: string
): { readonly header: ProtectedHeaderParameters; readonly payload: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(token), payload: decodeJwt(token) }
  } catch {
    throw new UsageError(`${source} holds no token: its parts are not JSON in base64url`, howToGetOne)
  }
}

const secondsOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
