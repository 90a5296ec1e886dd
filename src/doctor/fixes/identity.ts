import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { parseManagedIdentityId } from '../../domain/azure-ids.js'
import type { ConnectedIdentity } from '../../connections/model.js'
import { shellQuoted } from '../../errors.js'
import type { ServiceAccountEvidence } from '../evidence/model.js'

type Account = Pick<ServiceAccountEvidence, 'namespace' | 'name'>

const line = (command: string, ...values: readonly string[]): string => [command, ...values.map(shellQuoted)].join(' ')

/** Sets an annotation of the service account; without a value, takes it off. */
export function annotateLine({ namespace, name }: Account, key: string, value?: string): string {
  return line(
    'kubectl annotate serviceaccount',
    name,
    '--namespace',
    namespace,
    '--overwrite',
    value === undefined ? `${key}-` : `${key}=${value}`
  )
}

/** Makes the service account with its annotations in one write: between two, its workload's controller might make pods that lack the client id. */
export function createServiceAccountLine(account: Account, clientId: string, ...more: readonly string[]): string {
  return line(
    'azwi serviceaccount create phase service-account',
    ...accountFlags(account),
    '--aad-application-client-id',
    clientId,
    ...more
  )
}

const accountFlags = ({ namespace, name }: Account): string[] => [
  '--service-account-namespace',
  namespace,
  '--service-account-name',
  name
]

/** Connects the service account to an identity, making what is missing; a new one has no role yet. */
export function connectLine(account: Account, ...more: readonly string[]): string {
  return line('azwi serviceaccount create', ...accountFlags(account), '--grant', '<role>=<scope>', ...more)
}

/** Adds the credential by which the identity trusts the service account. */
export function addCredentialLine(account: Account, issuer: string, identity: ConnectedIdentity): string {
  return line(
    'azwi serviceaccount create phase federated-identity',
    ...accountFlags(account),
    '--service-account-issuer-url',
    issuer,
    ...identityFlag(identity)
  )
}

export function grantLine(identity: ConnectedIdentity): string {
  return line(
    'azwi serviceaccount create phase role-assignment',
    ...identityFlag(identity),
    '--grant',
    '<role>=<scope>'
  )
}

function identityFlag({ kind, clientId, id }: ConnectedIdentity): string[] {
  return kind === 'managed-identity' && id !== undefined
    ? ['--managed-identity-resource-id', id]
    : ['--aad-application-client-id', clientId]
}

/** Changes a credential under the name that it has. */
export function updateCredentialLine(
  identity: ConnectedIdentity,
  { name, issuer, subject, audiences }: FederatedIdentityCredential
): string {
  const place = managedIdentityFlags(identity)
  if (place !== undefined) {
    return line(
      'az identity federated-credential update --name',
      name,
      ...place,
      '--issuer',
      issuer,
      '--subject',
      subject,
      '--audiences',
      ...audiences
    )
  }
  const parameters = JSON.stringify({ issuer, subject, audiences })
  return line(
    'az ad app federated-credential update --id',
    identity.clientId,
    '--federated-credential-id',
    name,
    '--parameters',
    parameters
  )
}

export function deleteCredentialLine(identity: ConnectedIdentity, name: string): string {
  const place = managedIdentityFlags(identity)
  if (place !== undefined) return line('az identity federated-credential delete --name', name, ...place, '--yes')
  return line('az ad app federated-credential delete --id', identity.clientId, '--federated-credential-id', name)
}

/** Undefined for an application. */
function managedIdentityFlags({ kind, id }: ConnectedIdentity): string[] | undefined {
  const place = kind === 'managed-identity' && id !== undefined ? parseManagedIdentityId(id) : undefined
  return (
    place && [
      '--identity-name',
      place.name,
      '--resource-group',
      place.resourceGroup,
      '--subscription',
      place.subscriptionId
    ]
  )
}

/** Brings an application or a service principal back from the deleted items. */
export function restoreLine(
  { graph = 'https://graph.microsoft.com' }: Pick<ServiceAccountEvidence, 'graph'>,
  objectId: string
): string {
  return line('az rest --method post --url', `${graph}/v1.0/directory/deletedItems/${objectId}/restore`)
}

export function createPrincipalLine(clientId: string): string {
  return line('az ad sp create --id', clientId)
}

export function enablePrincipalLine(objectId: string): string {
  return line('az ad sp update --id', objectId, '--set', 'accountEnabled=true')
}
