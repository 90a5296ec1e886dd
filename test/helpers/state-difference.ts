import type { FederatedIdentityCredential } from '../../sandbox/src/graph/directory.js'
import { collections } from '../../sandbox/src/kubernetes/cluster.js'
import type { State } from '../../sandbox/src/state.js'

interface StateObject {
  /** What the object is called in a difference, such as `role Reader of application app at rg:azwi-sandbox`. */
  readonly label: string
  /** The values of its fields, by path. */
  readonly fields: ReadonlyMap<string, string>
  /** The object with which Azure deletes this one. */
  readonly parent?: string
}

/** All objects of a state, by a key that stays the same as long as the object exists. */
export type StateObjects = ReadonlyMap<string, StateObject>

/** Lists everything that a command can create, change or delete, each object by itself. */
export function objectsIn(state: State): StateObjects {
  const objects = new Map<string, StateObject>()
  const add = (key: string, label: string, value: unknown, parent?: string): void => {
    objects.set(key, { label, fields: fieldsOf(value), ...(parent === undefined ? {} : { parent }) })
  }
  const labels = new Map<string, string>()
  const addCredentials = (owner: string, credentials: readonly FederatedIdentityCredential[]): void => {
    for (const credential of credentials)
      add(
        `${owner}/${credential.id}`,
        credentialLabel(state, labels.get(owner) ?? owner, credential),
        credential,
        owner
      )
  }
  for (const { federatedIdentityCredentials, ...application } of state.applications.values()) {
    labels.set(application.id, `application ${shortName(application.displayName)}`)
    add(application.id, labels.get(application.id)!, application)
    addCredentials(application.id, federatedIdentityCredentials)
  }
  for (const { federatedIdentityCredentials, ...identity } of state.managedIdentities.values()) {
    labels.set(identity.id, `managed identity ${identity.name}`)
    add(identity.id, labels.get(identity.id)!, identity)
    addCredentials(identity.id, federatedIdentityCredentials)
  }
  for (const principal of state.servicePrincipals.values()) {
    const owner =
      [...state.applications.values()].find(({ appId }) => appId === principal.appId) ??
      [...state.managedIdentities.values()].find(({ clientId }) => clientId === principal.appId)
    const label = labels.get(owner?.id ?? '') ?? principal.displayName
    labels.set(principal.id, label)
    add(principal.id, `principal of ${label}`, principal, owner?.id)
  }
  for (const [owned, owners] of state.owners)
    for (const owner of owners)
      add(`${owned}/${owner.id}`, `owner ${owner.displayName} of ${labels.get(owned) ?? owned}`, owner, owned)
  for (const assignment of state.roleAssignments.values()) {
    const role = assignment.roleDefinitionId.split('/').at(-1)!
    const roleName = state.roleDefinitions.get(role.toLowerCase())?.roleName ?? role
    const principal = labels.get(assignment.principalId) ?? 'NOBODY'
    add(
      assignment.id.toLowerCase(),
      `role ${roleName} of ${principal} at ${shortScope(state, assignment.scope)}`,
      assignment
    )
  }
  for (const [name, map] of Object.entries({
    'deleted application': state.deletedApplications,
    'deleted principal': state.deletedServicePrincipals,
    'client secret': state.clientCredentials.secrets,
    certificate: state.clientCredentials.certificates,
    subscription: state.subscriptions,
    'management group': state.managementGroups,
    'resource group': state.resourceGroups,
    resource: state.resources,
    'managed cluster': state.managedClusters,
    'role definition': state.roleDefinitions,
    'public document': state.published
  }))
    for (const [key, value] of map as ReadonlyMap<string, unknown>) add(`${name} ${key}`, `${name} ${key}`, value)
  for (const name of collections)
    for (const [key, object] of state.cluster[name]) {
      const { uid } = object.metadata
      const metadata = Object.fromEntries(
        Object.entries(object.metadata).filter(([field]) => !['managedFields', 'resourceVersion'].includes(field))
      )
      const noun = name === 'serviceAccounts' ? 'service account' : name.replace(/s$/, '')
      add(`${name} ${key} ${uid}`, `${noun} ${key}`, { ...object, metadata })
    }
  return objects
}

/**
 * Returns what differs between two states, one line for each object: `- ` it is gone, `+ ` it is new, `~ ` it is changed, with its changed fields. An
 * object that Azure deletes together with its parent, or creates with it, has no line of its own, apart from new credentials.
 */
export function stateDifference(before: StateObjects, after: StateObjects): string[] {
  const gone = [...before].filter(([key, { parent }]) => !after.has(key) && isIn(after, parent))
  const added = [...after].filter(
    ([key, { label, parent }]) =>
      !before.has(key) &&
      // Azure keeps deleted applications for 30 days.
      !label.startsWith('deleted ') &&
      (label.startsWith('credential ') || isIn(before, parent))
  )
  const changed = [...before].flatMap(([key, { label, fields }]) => {
    const names = changedFields(fields, after.get(key)?.fields ?? fields)
    return names.length === 0 ? [] : [`~ ${label}: ${names.join(', ')}`]
  })
  return [
    ...gone.map(([, { label }]) => `- ${label}`),
    ...added.map(([, { label }]) => `+ ${label}`),
    ...changed
  ].toSorted()
}

/** Reports whether the parent exists in the state, if the object has one. */
const isIn = (objects: StateObjects, parent: string | undefined): boolean => parent === undefined || objects.has(parent)

function changedFields(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter(path => before.get(path) !== after.get(path))
    .map(path => (after.has(path) ? (before.has(path) ? path : `+${path}`) : `-${path}`))
    .map(path => path.replace(/(?<=^[+-]?)metadata (annotations|labels) (azure\.workload\.identity\/)?/, ''))
    .toSorted()
}

/** Returns the values of an object by path. An empty list or object has no value. */
function fieldsOf(value: unknown, path: readonly string[] = []): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path.join(' '), JSON.stringify(value ?? null)]])
  return new Map(Object.entries(value).flatMap(([key, part]) => [...fieldsOf(part, [...path, key])]))
}

function credentialLabel(state: State, owner: string, { name, issuer, subject }: FederatedIdentityCredential): string {
  // A flexible credential has an expression in place of a subject.
  const trusted =
    subject === '' ? `whatever ${name} matches` : subject.replace(/^system:serviceaccount:([^:]*):/, '$1/')
  return `credential of ${owner} for ${trusted}${issuer === state.cluster.issuer ? '' : ` of ${issuer}`}`
}

/** Returns a derived name without the hash at its end. */
const shortName = (name: string): string => name.replace(/-[\w-]{43}=$/, '')

const shortScope = (state: State, scope: string): string =>
  scope
    .replace(state.tenantId, 'root')
    .replace(/^\/subscriptions\/[^/]+\/resourceGroups\//i, 'rg:')
    .replace(/^\/subscriptions\/[^/]+$/, 'sub:')
    .replace(/^.*\/managementGroups\//, 'mg:')
