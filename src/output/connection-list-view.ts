import { mostCredentials } from '../identity/federated-credential.js'
import type { Connection, ConnectedIdentity, HeldRole, ProblemCode } from '../phases/connection.js'
import { connectionData, connectionName, connectionStatus, unreadData } from './connection-data.js'
import type { View } from './format.js'
import { table } from './table.js'

export interface ConnectionList {
  readonly issuer: string | undefined
  readonly connections: readonly Connection[]
  readonly unread: ReadonlyMap<string, string>
}

const header = ['NAMESPACE', 'NAME', 'IDENTITY', 'CREDENTIALS', 'ROLES', 'STATUS']

const shortly: Readonly<Record<ProblemCode, string>> = {
  NoClientId: 'no client id',
  OtherTenant: 'other tenant',
  IdentityNotFound: 'identity missing',
  PrincipalNotFound: 'service principal missing',
  NoCredential: 'no credential',
  WrongAudience: 'wrong audience',
  NoRole: 'no role'
}

/** Kubectl's words for a cell without a value, and for one that cannot be known. */
const none = '<none>'
const unknown = '<unknown>'

/** So many roles are named; the rest is counted. */
const namedRoles = 2

/** The service accounts of a cluster with what they lead to: a table like kubectl's, without a line where there are none. */
export function connectionListView({ issuer, connections, unread }: ConnectionList): View {
  return {
    text: connections.length === 0 ? '' : table(header, connections.map(row)),
    data: {
      ...(issuer === undefined ? {} : { issuer }),
      serviceAccounts: connections.map(connection => connectionData(connection, mostCredentials)),
      ...unreadData(unread)
    },
    names: connections.map(connectionName)
  }
}

function row(connection: Connection): string[] {
  const { namespace, name, clientId, identity, credentials, roles, problems } = connection
  return [
    namespace,
    name,
    identity ? identityName(identity) : clientId || none,
    credentials === undefined ? (identity === null ? none : unknown) : `${credentials.length}/${mostCredentials}`,
    roles === undefined ? (identity === null ? none : unknown) : rolesCell(roles),
    problems.length > 0 ? problems.map(({ code }) => shortly[code]).join(', ') : connectionStatus(connection)
  ]
}

/** With the alias of its phase, as in `create phase mi`. */
const identityName = ({ kind, name }: ConnectedIdentity): string => `${kind === 'application' ? 'app' : 'mi'}/${name}`

function rolesCell(roles: readonly HeldRole[]): string {
  const names = [...new Set(roles.map(({ role }) => role))].sort()
  if (names.length === 0) return none
  const rest = names.length - namedRoles
  return `${names.slice(0, namedRoles).join(', ')}${rest > 0 ? `, +${rest}` : ''}`
}
