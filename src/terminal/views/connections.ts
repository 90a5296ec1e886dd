import { flexibleCredentials, maxCredentials } from '../../domain/credential.js'
import type { ConnectedIdentity, Connection, AssignedRole, ProblemCode } from '../../connections/model.js'
import { connectionData, connectionName, connectionStatus, unreadData } from './connection-data.js'
import type { View } from '../format.js'
import { tree, type TreeNode } from '../tree.js'
import { table } from '../table.js'

/** Shows one service account as a tree, from the issuer to the roles. Each problem is at the node that it concerns. */
export function connectionView(connection: Connection, unread: ReadonlyMap<string, string>): View {
  const { issuer } = connection
  return {
    text: tree({
      text: `cluster issuer ${issuer ?? '(could not be read)'}`,
      children: [serviceAccountNode(connection)]
    }),
    data: {
      ...(issuer === undefined ? {} : { issuer }),
      ...connectionData(connection, maxCredentials),
      ...unreadData(unread)
    },
    names: [connectionName(connection)]
  }
}

function serviceAccountNode(connection: Connection): TreeNode {
  const { namespace, name, clientId, tenantId, identity } = connection
  const details = [
    leaf(`client id ${clientId === '' ? '(none)' : clientId}`),
    ...(tenantId === undefined ? [] : [leaf(`tenant id ${tenantId}`)]),
    ...problemsAt(connection, 'NoClientId', 'OtherTenant', 'IdentityNotFound')
  ]
  const identityNodes =
    identity === null ? [] : [identity === undefined ? unreadable('its identity') : credentialNode(connection)]
  return { text: `service account ${namespace}/${name}`, children: [...details, ...identityNodes] }
}

function credentialNode(connection: Connection): TreeNode {
  const { credential, subject } = connection
  const problems = problemsAt(connection, 'NoCredential', 'WrongAudience')
  const children = [...problems, identityNode(connection)]
  if (credential === null) return { text: 'credential (none)', children }
  if (credential === undefined)
    return { text: 'credential', children: [...undecidedCredentials(connection), ...children] }
  return {
    text: `credential ${credential.name}`,
    children: [leaf(`subject ${subject}`), leaf(`audience ${credential.audiences.join(', ')}`), ...children]
  }
}

function undecidedCredentials({ credentials = [], issuer }: Connection): TreeNode[] {
  const flexible = flexibleCredentials(credentials, issuer)
  if (flexible.length === 0) return [unreadable('credentials')]
  return flexible.map(({ name }) =>
    leaf(`? the flexible credential ${name} might match: azwi does not evaluate its expression`)
  )
}

function identityNode(connection: Connection): TreeNode {
  const { identity, credentials } = connection
  if (!identity) return unreadable('its identity')
  const { kind, name, id, principalId } = identity
  const isApplication = kind === 'application'
  return {
    text: `${isApplication ? 'application' : 'managed identity'} "${name}"`,
    children: [
      ...(id === undefined ? [] : [leaf(`${isApplication ? 'object id' : 'id'} ${id}`)]),
      ...(credentials === undefined ? [] : [leaf(`${credentials.length} of ${maxCredentials} credentials`)]),
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
const unreadable = (part: string): TreeNode => leaf(`? ${part} could not be read`)

/** The connections of several service accounts. */
interface ConnectionList {
  readonly issuer: string | undefined
  readonly connections: readonly Connection[]
  readonly unread: ReadonlyMap<string, string>
}

const header = ['NAMESPACE', 'NAME', 'IDENTITY', 'CREDENTIALS', 'ROLES', 'STATUS']

const statusTexts: Readonly<Record<ProblemCode, string>> = {
  NoClientId: 'no client id',
  OtherTenant: 'other tenant',
  IdentityNotFound: 'identity missing',
  PrincipalNotFound: 'service principal missing',
  NoCredential: 'no credential',
  WrongAudience: 'wrong audience',
  NoRole: 'no role'
}

/** kubectl's texts for a cell without a value, and for an unknown value. */
const none = '<none>'
const unknown = '<unknown>'

/** A cell names up to this many roles, and counts the others. */
const maxNamedRoles = 2

/** Shows service accounts as a table like kubectl's. The text is empty if there are none. */
export function connectionListView({ issuer, connections, unread }: ConnectionList): View {
  return {
    text: connections.length === 0 ? '' : table(header, connections.map(row)),
    data: {
      ...(issuer === undefined ? {} : { issuer }),
      serviceAccounts: connections.map(connection => connectionData(connection, maxCredentials)),
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
    credentials === undefined ? (identity === null ? none : unknown) : `${credentials.length}/${maxCredentials}`,
    roles === undefined ? (identity === null ? none : unknown) : rolesCell(roles),
    problems.length > 0 ? problems.map(({ code }) => statusTexts[code]).join(', ') : connectionStatus(connection)
  ]
}

/** The name with the alias of the identity's phase, as in `create phase mi`. */
const identityName = ({ kind, name }: ConnectedIdentity): string => `${kind === 'application' ? 'app' : 'mi'}/${name}`

function rolesCell(roles: readonly AssignedRole[]): string {
  const names = [...new Set(roles.map(({ role }) => role))].sort()
  if (names.length === 0) return none
  const rest = names.length - maxNamedRoles
  return `${names.slice(0, maxNamedRoles).join(', ')}${rest > 0 ? `, +${rest}` : ''}`
}
