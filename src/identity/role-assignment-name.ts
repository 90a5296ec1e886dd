import { createHash } from 'node:crypto'

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
