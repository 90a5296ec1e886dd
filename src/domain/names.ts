import { createHash } from 'node:crypto'
import { maxCredentials } from './credential.js'

/** The longest `displayName` that Graph accepts for an application, in characters. Source: Graph's reference, application. */
export const maxDisplayNameLength = 256

/**
 * Returns the display name of the application for a service account: `<namespace>-<name>-<hash>`. The hash is the SHA-256 of the issuer, in
 * base64url with padding. The Go azwi uses the same name, so azwi finds the applications that the Go azwi created.
 *
 * The name is the same for `a`/`b-c` and `a-b`/`c`. If it exceeds Graph's limit, the Go azwi fails. azwi then shortens the beginning, and
 * hashes namespace, name and issuer.
 */
export function defaultApplicationName(namespace: string, name: string, issuer: string): string {
  const readable = `${namespace}-${name}`
  const full = `${readable}-${paddedBase64Url(createHash('sha256').update(issuer).digest())}`
  if (full.length <= maxDisplayNameLength) return full
  const hash = paddedBase64Url(digest('application', namespace, name, issuer))
  return `${readable.slice(0, maxDisplayNameLength - hash.length - 1)}-${hash}`
}

/**
 * Returns the `uniqueName` of an application that azwi creates. It depends only on the parameters, so that two runs at once create one
 * application. It consists of `a-z`, `0-9` and `-`.
 *
 * Entra reserves the `uniqueName` of a deleted application for 30 days, because the application can be restored.
 *
 * @param deletedObjectId the object ID of the deleted application that still has the name. The result is the next name to try.
 */
export function applicationUniqueName(displayName: string, deletedObjectId?: string): string {
  const parts = deletedObjectId === undefined ? [displayName] : [displayName, deletedObjectId.toLowerCase()]
  return `azwi-${digest('uniqueName', ...parts).toString('hex')}`
}

/** Encodes as Go's `base64.URLEncoding` does, with padding. A SHA-256 always needs one `=`. */
function paddedBase64Url(sha256: Buffer): string {
  return `${sha256.toString('base64url')}=`
}

/** The names of federated identity credentials that Azure Resource Manager accepts. Graph accepts more. Source: the Azure CLI. */
export const credentialNamePattern = /^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$/

const maxCredentialNameLength = 120
/** 160 bits of SHA-256. In hexadecimal, because Azure Resource Manager compares names without regard to case. */
const hashLength = 40

/**
 * Returns the name of a federated identity credential that azwi creates. It is valid in Graph and in Azure Resource Manager, and unique for
 * the service account and issuer. It begins with the namespace and the name for readability. The hash at the end makes it unique.
 */
export function federatedIdentityCredentialName(namespace: string, name: string, issuer: string): string {
  const hash = digest('federatedIdentityCredential', namespace, name, issuer).toString('hex').slice(0, hashLength)
  const readable = `${namespace}-${name}`
    .replace(/[^a-zA-Z0-9_-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, maxCredentialNameLength - hashLength - 1)
  return readable === '' ? hash : `${readable}-${hash}`
}

/**
 * Returns the names that azwi may give the credential, in the order of preference. The later ones are for an identity on which another credential has
 * the first name.
 */
export function credentialNames(namespace: string, name: string, issuer: string): string[] {
  const first = federatedIdentityCredentialName(namespace, name, issuer)
  const readable = first.slice(0, -hashLength)
  return [
    first,
    ...Array.from({ length: maxCredentials }, (_, index) => {
      const hash = digest('federatedIdentityCredential', namespace, name, issuer, String(index + 2))
      return readable + hash.toString('hex').slice(0, hashLength)
    })
  ]
}

/** Returns the name that the Go azwi gives a credential, in Graph only. Source: its recorded requests. */
export function goCredentialName(namespace: string, name: string, issuer: string): string {
  return paddedBase64Url(createHash('sha256').update(`${namespace}-${name}-${issuer}`).digest())
}

/** Reports whether azwi or the Go azwi gave a credential its name. Azure Resource Manager ignores letter case in it. */
export function isDerivedCredentialName(
  credentialName: string,
  namespace: string,
  name: string,
  issuer: string
): boolean {
  const derived = [...credentialNames(namespace, name, issuer), goCredentialName(namespace, name, issuer)]
  return derived.some(candidate => candidate.toLowerCase() === credentialName.toLowerCase())
}

/** The namespace of the UUIDs, a random value. It must not change: azwi would then create a second assignment for each existing one. */
const uuidNamespace = '175e72cb-9b27-4814-a62f-6ac72968cb5f'

/**
 * Returns the name of a role assignment, a GUID. It depends only on scope, principal and role, so that every run writes the same
 * assignment. The GUID is a version 5 UUID (RFC 9562, section 5.5).
 *
 * Ignores letter case and a slash at the end, because Azure compares scopes and IDs in this way. Of the role definition, uses only the GUID
 * in the last segment, because the same role has a different resource ID at every scope.
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
    .update(Buffer.from(uuidNamespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/**
 * Returns the SHA-256 of a list of texts. The input is a JSON array, so that `a`, `b-c` and `a-b`, `c` have different digests, and so do
 * texts that UTF-8 encodes in the same way (lone surrogates).
 */
function digest(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
