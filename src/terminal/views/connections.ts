import { mostCredentials } from '../../domain/credential.js'
import type { ConnectedIdentity, Connection, AssignedRole, ProblemCode } from '../../connections/model.js'
import { connectionData, connectionName, connectionStatus, unreadData } from './connection-data.js'
import type { View } from '../format.js'
import { tree, type TreeNode } from '../tree.js'
import { table } from '../table.js'

/** One service account with what it leads to, from the issuer to the roles, with what does not fit marked where it shows. */
export function connectionView(connection: Connection, unread: ReadonlyMap<string, string>): View {
  const { issuer } = connection
  return {
    text: tree({
      text: `cluster issuer ${issuer ?? '(could not be read)'}`,
      children: [serviceAccountNode(connection)]
    }),
    data: {
      ...(issuer === undefined ? {} : { issuer }),
      ...connectionData(connection, mostCredentials),
      ...unreadData(unread)
    },
    names: [connectionName(connection)]
  }
}

function serviceAccountNode(connection: Connection): TreeNode {
  const { namespace, name, clientId, tenantId, identity } = connection
  const own = [
    leaf(`client id ${clientId === '' ? '(none)' : clientId}`),
    ...(tenantId === undefined ? [] : [leaf(`tenant id ${tenantId}`)]),
    ...problemsAt(connection, 'NoClientId', 'OtherTenant', 'IdentityNotFound')
  ]
  const next =
    identity === null ? [] : [identity === undefined ? unreadable('its identity') : credentialNode(connection)]
  return { text: `service account ${namespace}/${name}`, children: [...own, ...next] }
}

function credentialNode(connection: Connection): TreeNode {
  const { credential, subject } = connection
  const problems = problemsAt(connection, 'NoCredential', 'WrongAudience')
  const below = [...problems, identityNode(connection)]
  if (credential === null) return { text: 'credential (none)', children: below }
  if (credential === undefined) return { text: 'credential', children: [unreadable('credentials'), ...below] }
  return {
    text: `credential ${credential.name}`,
    children: [leaf(`subject ${subject}`), leaf(`audience ${credential.audiences.join(', ')}`), ...below]
  }
}

function identityNode(connection: Connection): TreeNode {
  const { identity, credentials } = connection
  if (!identity) return unreadable('its identity')
  const { kind, name, id, principalId } = identity
  const application = kind === 'application'
  return {
    text: `${application ? 'application' : 'managed identity'} "${name}"`,
    children: [
      ...(id === undefined ? [] : [leaf(`${application ? 'object id' : 'id'} ${id}`)]),
      ...(credentials === undefined ? [] : [leaf(`${credentials.length} of ${mostCredentials} credentials`)]),
      principalId === undefined
        ? unreadable('its service principal')
        : leaf(`service principal ${principalId ?? '(none)'}`),
      ...problemsAt(connection, 'PrincipalNotFound'),
      rolesNode(connection)
    ]
  }
}

function rolesNode(connection: Connection): TreeNode {
  const { roles } = connection
  if (roles === undefined) return unreadable('its roles')
  const problems = problemsAt(connection, 'NoRole')
  return {
    text: roles.length === 0 ? 'roles (none)' : 'roles',
    children: [...roles.map(({ role, scope }) => leaf(`${role} at ${scope}`)), ...problems]
  }
}

const problemsAt = ({ problems }: Connection, ...codes: readonly ProblemCode[]): TreeNode[] =>
  problems.filter(({ code }) => codes.includes(code)).map(({ message }) => leaf(`✗ ${message}`))

const leaf = (text: string): TreeNode => ({ text, children: [] })
const unreadable = (what: string): TreeNode => leaf(`? ${what} could not be read`)

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

function rolesCell(roles: readonly AssignedRole[]): string {
  const names = [...new Set(roles.map(({ role }) => role))].sort()
  if (names.length === 0) return none
  const rest = names.length - namedRoles
  return `${names.slice(0, namedRoles).join(', ')}${rest > 0 ? `, +${rest}` : ''}`
}
