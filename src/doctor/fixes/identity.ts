import { useLabel } from '../../domain/annotations.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { parseManagedIdentityId } from '../../domain/azure-ids.js'
import type { ConnectedIdentity } from '../../connections/model.js'
import { shellQuoted } from '../../errors.js'
import type { ServiceAccountEvidence } from '../evidence/model.js'

type Account = Pick<ServiceAccountEvidence, 'namespace' | 'name'>

/** Joins a command and quoted values. */
const line = (command: string, ...values: readonly string[]): string => [command, ...values.map(shellQuoted)].join(' ')

/** Returns the line that sets an annotation of the service account. Without a value, it removes the annotation. */
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

/** Returns the line that sets the webhook's label on the service account, for a webhook older than v1.0. */
export function labelServiceAccountLine({ namespace, name }: Account): string {
  const patch = JSON.stringify({ metadata: { labels: { [useLabel]: 'true' } } })
  return line('kubectl patch serviceaccount', name, '--namespace', namespace, '--type', 'merge', '--patch', patch)
}

/**
 * Returns the line that creates the service account with its annotations in one request. With two requests, a controller might create pods between
 * them that have no client ID.
 */
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

/**
 * Returns the line that connects the service account to an identity and creates what is missing. A new identity has no role yet, so the line
 * grants one.
 */
export function connectLine(account: Account, ...more: readonly string[]): string {
  return line('azwi serviceaccount create', ...accountFlags(account), '--grant', '<role>=<scope>', ...more)
}

/** Returns the line that adds a credential for the service account to the identity. */
export function addCredentialLine(account: Account, issuer: string, identity: ConnectedIdentity): string {
  return line(
    'azwi serviceaccount create phase federated-identity',
    ...accountFlags(account),
    '--service-account-issuer-url',
    issuer,
    ...azwiIdentityFlags(identity)
  )
}

export function grantLine(identity: ConnectedIdentity): string {
  return line(
    'azwi serviceaccount create phase role-assignment',
    ...azwiIdentityFlags(identity),
    '--grant',
    '<role>=<scope>'
  )
}

function azwiIdentityFlags({ kind, clientId, id }: ConnectedIdentity): string[] {
  return kind === 'managed-identity' && id !== undefined
    ? ['--managed-identity-resource-id', id]
    : ['--aad-application-client-id', clientId]
}

/** Returns the line that updates the credential with this name. */
export function updateCredentialLine(
  identity: ConnectedIdentity,
  { name, issuer, subject, audiences }: FederatedIdentityCredential
): string {
  const flags = azIdentityFlags(identity)
  if (flags !== undefined) {
    return line(
      'az identity federated-credential update --name',
      name,
      ...flags,
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
  const flags = azIdentityFlags(identity)
  if (flags !== undefined) return line('az identity federated-credential delete --name', name, ...flags, '--yes')
  return line('az ad app federated-credential delete --id', identity.clientId, '--federated-credential-id', name)
}

/** Returns undefined for an application. */
function azIdentityFlags({ kind, id }: ConnectedIdentity): string[] | undefined {
  const reference = kind === 'managed-identity' && id !== undefined ? parseManagedIdentityId(id) : undefined
  return (
    reference && [
      '--identity-name',
      reference.name,
      '--resource-group',
      reference.resourceGroup,
      '--subscription',
      reference.subscriptionId
    ]
  )
}

/** Returns the line that restores a soft-deleted application or service principal. */
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
