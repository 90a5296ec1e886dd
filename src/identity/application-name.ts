import { createHash } from 'node:crypto'
import { digest } from './digest.js'

/** The longest `displayName` of an application that Graph takes, in characters (Graph reference, application). */
export const longestDisplayName = 256

/**
 * The display name of the application for a service account, as the Go azwi builds it, so that what it made is found again:
 * `<namespace>-<name>-<base64url, padded, of the SHA-256 of the issuer>`.
 *
 * That form does not tell `a`/`b-c` from `a-b`/`c`; it is kept for the sake of existing applications. Where it would pass Graph's limit,
 * which the Go azwi could never write, its beginning is kept and the hash is over namespace, name and issuer, each apart.
 */
export function defaultApplicationName(namespace: string, name: string, issuer: string): string {
  const readable = `${namespace}-${name}`
  const full = `${readable}-${padded(createHash('sha256').update(issuer).digest())}`
  if (full.length <= longestDisplayName) return full
  const hash = padded(digest('application', namespace, name, issuer))
  return `${readable.slice(0, longestDisplayName - hash.length - 1)}-${hash}`
}

/**
 * The `uniqueName` of an application that we make: the same for the same display name, made of `a-z 0-9 -`, so that two runs at once
 * cannot make two.
 *
 * Entra keeps a `uniqueName` reserved for the 30 days that a deleted application can be restored. `after` is the object id of a deleted
 * application that holds the previous name: it gives the next name in the chain, again the same for everyone who sees that application.
 */
export function applicationUniqueName(displayName: string, after?: string): string {
  const parts = after === undefined ? [displayName] : [displayName, after.toLowerCase()]
  return `azwi-${digest('uniqueName', ...parts).toString('hex')}`
}

/** base64url with the padding that the Go azwi's `base64.URLEncoding` writes; a SHA-256 always needs one `=`. */
function padded(sha256: Buffer): string {
  return `${sha256.toString('base64url')}=`
}
