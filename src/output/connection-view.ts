import { mostCredentials } from '../identity/federated-credential.js'
import type { Connection, ProblemCode } from '../phases/connection.js'
import { connectionData, connectionName, unreadData } from './connection-data.js'
import type { View } from './format.js'
import { tree, type TreeNode } from './tree.js'

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
