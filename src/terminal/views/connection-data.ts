import type { ConnectedIdentity, Connection } from '../../connections/model.js'

type Entry = Readonly<Record<string, unknown>>

/** How a connection is doing, in a word: `unknown` where nothing is seen to be wrong, but not all could be looked at. */
export type ConnectionStatus = 'ok' | 'problem' | 'unknown'

export function connectionStatus({ problems, identity, credential, roles }: Connection): ConnectionStatus {
  if (problems.length > 0) return 'problem'
  return [identity, identity?.principalId, credential, roles].includes(undefined) ? 'unknown' : 'ok'
}

/** A connection for programs: docs/output.md. Null is what is not there; what could not be looked at is left out. */
export function connectionData(connection: Connection, mostCredentials: number): Entry {
  const { namespace, name, clientId, tenantId, identity, credential, credentials, roles, problems } = connection
  return defined({
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
    credentials: credentials && { count: credentials.length, limit: mostCredentials },
    roleAssignments: roles?.map(({ id, role, scope }) => ({ id, role, scope })),
    status: connectionStatus(connection),
    problems: problems.map(({ code, message }) => ({ code, message }))
  })
}

/** What could not be read, and so is missing from the result. */
export function unreadData(unread: ReadonlyMap<string, string>): Entry {
  return unread.size === 0 ? {} : { unread: [...unread].map(([what, reason]) => ({ what, reason })) }
}

export const connectionName = ({ namespace, name }: Connection): string => `serviceaccount/${namespace}/${name}`

function identityData({ kind, name, clientId, id, principalId }: ConnectedIdentity): Entry {
  return defined({ kind, name, clientId, [kind === 'application' ? 'objectId' : 'id']: id, principalId })
}

const defined = (entries: Entry): Entry =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
