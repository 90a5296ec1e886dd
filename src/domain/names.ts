import { createHash } from 'node:crypto'

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

/** What Azure Resource Manager takes as the name of a federated identity credential (azure-cli); Graph takes all of it and more. */
export const credentialNamePattern = /^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$/

const longestName = 120
/** 160 bits of SHA-256, in hexadecimal: the same in either case, as ARM compares names without regard to case. */
const hashLength = 40

/**
 * The name of a federated identity credential that we make: valid in Graph and in ARM, the same for the same service account and issuer,
 * different for any other. It begins with the namespace and the name, for people; the hash behind them is what makes it unique.
 */
export function federatedIdentityCredentialName(namespace: string, name: string, issuer: string): string {
  const hash = digest('federatedIdentityCredential', namespace, name, issuer).toString('hex').slice(0, hashLength)
  const readable = `${namespace}-${name}`
    .replace(/[^a-zA-Z0-9_-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, longestName - hashLength - 1)
  return readable === '' ? hash : `${readable}-${hash}`
}

/** Our name space for role assignments: drawn at random once. Another would give every existing assignment a second name. */
const nameSpace = '175e72cb-9b27-4814-a62f-6ac72968cb5f'

/**
 * The name (a GUID) of the assignment of a role to a principal at a scope: a version 5 UUID (RFC 9562, section 5.5), so that every run
 * writes the same assignment and never a second one.
 *
 * Azure compares scopes and ids without regard to case, and so does this; a slash at the end does not count either. Of the role
 * definition only its GUID, the last segment, counts: the same role has a different resource id at every scope.
 */
export function roleAssignmentName(scope: string, principalId: string, roleDefinitionId: string): string {
  const role = withoutTrailingSlash(roleDefinitionId).split('/').at(-1)
  const parts = [withoutTrailingSlash(scope), principalId, role].map(part => part?.toLowerCase())
  return uuidVersion5(JSON.stringify(parts))
}

function withoutTrailingSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}

function uuidVersion5(name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(nameSpace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/**
 * SHA-256 over a list of texts that keeps them apart: `a`, `b-c` and `a-b`, `c` give different digests, and so do texts that differ only
 * in what UTF-8 cannot carry. A JSON array is the separator that no text can imitate.
 */
export function digest(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
