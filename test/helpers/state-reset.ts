import { collections } from '../../sandbox/src/kubernetes/cluster.js'
import { createState } from '../../sandbox/src/create-state.js'
import type { State } from '../../sandbox/src/state.js'

/** Copies the state of a sandbox. Returns a function that restores the copy and removes all faults that deny permissions. */
export function snapshotState(state: State): () => void {
  const maps: readonly Map<string, unknown>[] = [
    state.applications,
    state.deletedApplications,
    state.deletedServicePrincipals,
    state.servicePrincipals,
    state.owners,
    state.clientCredentials.secrets,
    state.clientCredentials.certificates,
    state.subscriptions,
    state.managementGroups,
    state.resourceGroups,
    state.managedIdentities,
    state.deletedManagedIdentities,
    state.resources,
    state.managedClusters,
    state.roleAssignments,
    state.roleDefinitions,
    ...collections.map(name => state.cluster[name]),
    state.published
  ]
  const { signingKeys, publishedKeys, issuer } = state.cluster
  const keys = { signingKeys: [...signingKeys], publishedKeys: [...publishedKeys], issuer }
  const contents = maps.map(map => structuredClone([...map]))
  return () => {
    maps.forEach((map, index) => {
      map.clear()
      for (const [key, value] of structuredClone(contents[index]!)) map.set(key, value)
    })
    Object.assign(state.cluster, {
      ...keys,
      signingKeys: [...keys.signingKeys],
      publishedKeys: [...keys.publishedKeys]
    })
    state.denied.clear()
    state.cluster.denied.clear()
  }
}

/** Returns a function that resets one state and returns it. The state is created only once, because creating its keys takes time. */
export function reusableState(): () => Promise<State> {
  let created: { readonly state: State; readonly reset: () => void } | undefined
  return async () => {
    if (created === undefined) {
      const state = await createState()
      created = { state, reset: snapshotState(state) }
    }
    created.reset()
    return created.state
  }
}
