import { definedEntries } from '../../collections.js'
import type { ConnectedIdentity, Connection } from '../../connections/model.js'

type Entry = Readonly<Record<string, unknown>>

/** The status of a connection. `unknown` means that azwi found no problem, but could not read everything. */
type ConnectionStatus = 'ok' | 'problem' | 'unknown'

/** Returns the status of a connection. */
export function connectionStatus({ problems, identity, credential, roles }: Connection): ConnectionStatus {
  if (problems.length > 0) return 'problem'
  return [identity, identity?.principalId, credential, roles].includes(undefined) ? 'unknown' : 'ok'
}

/** Returns a connection in the shape of docs/output.md. A part that does not exist is null. A part that azwi could not read is missing. */
export function connectionData(connection: Connection, maxCredentials: number): Entry {
  const { namespace, name, clientId, tenantId, identity, credential, credentials, roles, problems } = connection
  return definedEntries({
    namespace,
    name,
    clientId,
    tenantId,
    identity: identity && identityData(identity),
    credential: credential && {
      name: credential.name,
      issuer: credential.issuer,
      subject: credential.subject,
      audiences: credential.audiences
    },
    credentials: credentials && { count: credentials.length, limit: maxCredentials },
    roleAssignments: roles?.map(({ id, role, scope }) => ({ id, role, scope })),
    status: connectionStatus(connection),
    problems: problems.map(({ code, message }) => ({ code, message }))
  })
}

/** Returns the parts that azwi could not read, in the shape of docs/output.md. */
export function unreadData(unread: ReadonlyMap<string, string>): Entry {
  return unread.size === 0 ? {} : { unread: [...unread].map(([part, reason]) => ({ what: part, reason })) }
}

/** Returns the name of a connection for `-o name`, as in kubectl. */
export const connectionName = ({ namespace, name }: Connection): string => `serviceaccount/${namespace}/${name}`

function identityData({ kind, name, clientId, id, principalId }: ConnectedIdentity): Entry {
  return definedEntries({ kind, name, clientId, [kind === 'application' ? 'objectId' : 'id']: id, principalId })
}
