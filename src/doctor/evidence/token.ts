import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose'
import { UsageError } from '../../errors.js'
import type { TokenClaims } from './model.js'

const howToGetOne =
  'a pod has its own at $AZURE_FEDERATED_TOKEN_FILE; or: kubectl create token <service account> --namespace <namespace> --audience api://AzureADTokenExchange'

/**
 * The claims of a service account's token, as a JWT (RFC 7519) has them; white space around it is left aside. Nothing is verified: that is
 * Entra's part. `where` is where the text is from, for a refusal.
 *
 * @throws UsageError for what is no such token. It says nothing of what is in it: even half a token may be a secret.
 */
export function decodeToken(text: string, where = 'the input'): TokenClaims {
  const token = text.trim()
  const problem = formProblem(token)
  if (problem !== undefined) throw new UsageError(`${where} ${problem}`, howToGetOne)
  const { header, payload } = decoded(token, where)
  const { iss, sub, aud } = payload
  if (typeof iss !== 'string' || iss === '')
    throw new UsageError(`the token in ${where} names no issuer (iss), so it is not a service account's`, howToGetOne)
  if (typeof sub !== 'string' || sub === '')
    throw new UsageError(`the token in ${where} names no subject (sub), so it is not a service account's`, howToGetOne)
  return {
    issuer: iss,
    subject: sub,
    audiences: [aud ?? []].flat().filter(each => typeof each === 'string'),
    keyId: typeof header.kid === 'string' ? header.kid : undefined,
    algorithm: typeof header.alg === 'string' ? header.alg : 'none',
    issuedAt: seconds(payload.iat),
    notBefore: seconds(payload.nbf),
    expiresAt: seconds(payload.exp)
  }
}

/** The mistakes that are made with files of tokens, as the end of a sentence. */
function formProblem(token: string): string | undefined {
  if (token === '') return 'is empty: there is no token in it'
  if (token.startsWith('{')) return 'holds JSON and not a token: take the token out of it'
  if (/^bearer\s/i.test(token)) return 'holds an Authorization header and not a token: leave out the word before it'
  if (/\s/.test(token)) return 'holds more than one word or line, and a token is a single one'
  const parts = token.split('.').length
  if (parts === 5) return 'holds an encrypted token, which can be read only by whom it is for'
  return parts === 3 ? undefined : 'holds no token: a token is three parts with dots between them'
}

function decoded(
  token: string,
  where: string
): { readonly header: ProtectedHeaderParameters; readonly payload: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(token), payload: decodeJwt(token) }
  } catch {
    throw new UsageError(`${where} holds no token: its parts are not JSON in base64url`, howToGetOne)
  }
}

const seconds = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
