import { setTimeout as sleep } from 'node:timers/promises'
import type { SandboxResponse } from '../server/http.js'
import type { FederatedIdentityCredential } from '../graph/directory.js'
import type { JsonObject } from '../json.js'
import type { ManagedIdentity } from './resources.js'
import type { State } from '../state.js'
import { empty, json, listing } from './responses.js'
import { readBody } from './request.js'
import { ArmError, badRequest, gatewayError } from './errors.js'
import { checkSiblings, readCredential } from './identity-credential-rules.js'
import { findVisibleIdentity, identityId, identityPath } from './managed-identities.js'
import { type ArmCall, type ArmRoute, path } from './gateway.js'

const type = 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials'

/** The duration of a write. It is long enough for concurrent writes to overlap, as they do in Azure. */
const writeMilliseconds = 5

/**
 * Routes of the federated credentials of managed identities. Two writes (PUT or DELETE) to one identity must not
 * overlap (terraform-provider-azurerm #29242).
 */
export function identityCredentialRoutes(state: State): ArmRoute[] {
  const collection = path(`${identityPath}/federatedIdentityCredentials`)
  const one = path(`${identityPath}/federatedIdentityCredentials/(?<credential>[^/]+)`)
  const writing = new Set<ManagedIdentity>()
  const isVisible = ({ id }: FederatedIdentityCredential): boolean =>
    state.replication.isVisible('federatedIdentityCredential', id)
  const writeExclusively = async (
    identity: ManagedIdentity,
    write: () => SandboxResponse
  ): Promise<SandboxResponse> => {
    if (writing.has(identity)) throw concurrentWrites(identity)
    writing.add(identity)
    try {
      await sleep(writeMilliseconds)
      return write()
    } finally {
      writing.delete(identity)
    }
  }
  const route = (method: string, pattern: RegExp, handler: ArmRoute['handler']): ArmRoute => ({
    method,
    type: 'federatedIdentityCredentials',
    pattern,
    handler
  })

  return [
    route('GET', collection, call =>
      listing(
        call.request,
        parent(state, call, 'read')
          .federatedIdentityCredentials.filter(isVisible)
          .map(credential => credentialJson(call, credential)),
        requestedSize(call)
      )
    ),
    route('GET', one, call => {
      const identity = parent(state, call, 'read')
      const credential = find(identity, call)
      if (credential === undefined || !isVisible(credential))
        throw new ArmError(404, 'NotFound', `The resource '${credentialId(identity, call)}' was not found.`)
      return json(200, credentialJson(call, credential))
    }),
    route('PUT', one, call => {
      const identity = parent(state, call, 'write')
      const existing = find(identity, call)
      const wanted = readCredential(
        existing?.id ?? credentialId(identity, call),
        existing?.name ?? credentialName(call),
        readBody(call.request),
        (call.request.query.get('api-version') ?? '') >= flexibleSince
      )
      return writeExclusively(identity, () => {
        checkSiblings(identity, wanted)
        if (existing === undefined) state.replication.written('federatedIdentityCredential', wanted.id)
        state.replication.written('exchange', wanted.id)
        return put(call, identity, wanted)
      })
    }),
    route('DELETE', one, call => {
      const identity = parent(state, call, 'delete')
      return writeExclusively(identity, () => {
        const credential = find(identity, call)
        identity.federatedIdentityCredentials = identity.federatedIdentityCredentials.filter(
          other => other !== credential
        )
        return empty(credential === undefined ? 204 : 200)
      })
    })
  ]
}

function put(call: ArmCall, identity: ManagedIdentity, credential: FederatedIdentityCredential): SandboxResponse {
  const index = identity.federatedIdentityCredentials.findIndex(other => other.name === credential.name)
  if (index >= 0) {
    identity.federatedIdentityCredentials[index] = credential
    return json(200, credentialJson(call, credential))
  }
  identity.federatedIdentityCredentials.push(credential)
  return json(201, credentialJson(call, credential), { location: credential.id })
}

function parent(state: State, { parameters }: ArmCall, verb: 'read' | 'write' | 'delete'): ManagedIdentity {
  const identity = findVisibleIdentity(state, parameters)
  if (identity !== undefined) return identity
  throw gatewayError(
    404,
    'ParentResourceNotFound',
    `Failed to perform '${verb}' on resource(s) of type 'userAssignedIdentities/federatedIdentityCredentials', because the parent resource ` +
      `'${identityId(state, parameters).replace('/resourcegroups/', '/resourceGroups/')}' could not be found.`
  )
}

function find(identity: ManagedIdentity, call: ArmCall): FederatedIdentityCredential | undefined {
  const name = credentialName(call).toLowerCase()
  return identity.federatedIdentityCredentials.find(credential => credential.name.toLowerCase() === name)
}

function credentialName({ parameters }: ArmCall): string {
  return parameters.credential ?? ''
}

function credentialId(identity: ManagedIdentity, call: ArmCall): string {
  return `${identity.id}/federatedIdentityCredentials/${credentialName(call)}`
}

function requestedSize({ request }: ArmCall): number | undefined {
  const top = request.query.get('$top')
  if (top === null) return undefined
  if (!/^[1-9]\d*$/.test(top)) throw badRequest(`The value '${top}' of $top is not valid.`)
  return Number(top)
}

function concurrentWrites({ id }: ManagedIdentity): ArmError {
  const quoted = id.replace(/\/providers\/[^/]+\/[^/]+/, kind => kind.toLowerCase())
  return new ArmError(
    409,
    'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
    `Too many Federated Identity Credentials are written concurrently for the managed identity '${quoted}'. ` +
      'Concurrent Federated Identity Credentials writes under the same managed identity are not supported.'
  )
}

/** The API version that introduced flexible credentials (azure-rest-api-specs, FlexibleFederatedIdentityCredentialGet). */
const flexibleSince = '2025-01-31'

/**
 * Returns a credential as ARM shows it. How an older API version shows a flexible credential is unknown; here, its
 * subject is null.
 */
function credentialJson({ request }: ArmCall, credential: FederatedIdentityCredential): JsonObject {
  const { id, name, issuer, subject, claimsMatchingExpression, audiences } = credential
  if (claimsMatchingExpression === undefined)
    return { id, name, type, properties: { issuer, subject, audiences: [...audiences] } }
  const expression =
    (request.query.get('api-version') ?? '') >= flexibleSince
      ? { claimsMatchingExpression: { ...claimsMatchingExpression } }
      : { subject: null }
  return { id, name, type, properties: { issuer, ...expression, audiences: [...audiences] } }
}
