import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import type { State } from '../../sandbox/src/state.js'

export interface EndState {
  /** All objects, without random IDs. Two states with equal objects are the same for users. */
  readonly objects: readonly string[]
  /** Objects that exist more than once. Deleted objects do not count. */
  readonly duplicates: readonly string[]
  /** Objects that refer to an object that does not exist. */
  readonly orphans: readonly string[]
}

/** Lists all objects that azwi can write. */
export function endState(state: State): EndState {
  const nameOf = new Map<string, string>()
  for (const { appId, displayName } of state.applications.values()) nameOf.set(appId, `application ${displayName}`)
  for (const { clientId, principalId, name } of state.managedIdentities.values()) {
    nameOf.set(clientId, `managed identity ${name}`)
    nameOf.set(principalId, `managed identity ${name}`)
  }
  for (const { id, appId } of state.servicePrincipals.values())
    nameOf.set(id, nameOf.get(appId) ?? `principal of ${appId}`)
  const known = (id: string | undefined): string => nameOf.get(id ?? '') ?? 'NOBODY'
  const operator = state.operator.clientId
  const principals = [...state.servicePrincipals.values()].filter(({ appId }) => appId !== operator)
  const objects = [
    ...[...state.applications.values()].flatMap(({ displayName, tags, federatedIdentityCredentials }) => [
      `application ${displayName} [${tags.join()}]`,
      ...credentials(`application ${displayName}`, federatedIdentityCredentials)
    ]),
    ...[...state.deletedApplications.values()].map(({ displayName }) => `deleted application ${displayName}`),
    ...principals.map(({ appId }) => `principal of ${known(appId)}`),
    ...[...state.managedIdentities.values()].flatMap(({ name, location, tags, federatedIdentityCredentials }) => [
      `managed identity ${name} ${location} ${JSON.stringify(tags)}`,
      ...credentials(`managed identity ${name}`, federatedIdentityCredentials)
    ]),
    ...[...state.roleAssignments.values()].map(
      ({ roleDefinitionId, scope, principalId }) =>
        `role ${roleDefinitionId.split('/').at(-1)!} of ${known(principalId)} at ${scope}`
    ),
    ...[...state.cluster.namespaces.keys()].map(name => `namespace ${name}`),
    ...[...state.cluster.serviceAccounts].map(([key, { metadata }]) => {
      const { 'azure.workload.identity/client-id': clientId, ...annotations } = metadata.annotations ?? {}
      return `service account ${key} ${clientId === undefined ? '' : `for ${known(clientId)} `}${JSON.stringify([annotations, metadata.labels ?? {}])}`
    })
  ].toSorted()
  return {
    objects,
    duplicates: objects.filter((object, index) => objects.indexOf(object) !== index && !object.startsWith('deleted ')),
    orphans: objects.filter(object => object.includes('NOBODY'))
  }
}

function credentials(owner: string, listed: readonly FederatedIdentityCredential[]): string[] {
  return listed.map(
    ({ issuer, subject, audiences }) => `credential of ${owner}: ${issuer} ${subject} ${audiences.join()}`
  )
}
