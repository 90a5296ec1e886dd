import { collections } from '../../sandbox/src/kubernetes/cluster.js'
import { createState } from '../../sandbox/src/create-state.js'
import type { State } from '../../sandbox/src/state.js'

/** Remembers a world as it is; the function that it gives puts it back. */
export function rememberWorld(state: State): () => void {
  const maps: readonly Map<string, unknown>[] = [
    state.applications,
    state.deletedApplications,
    state.deletedServicePrincipals,
    state.servicePrincipals,
    state.clientCredentials.secrets,
    state.clientCredentials.certificates,
    state.resourceGroups,
    state.managedIdentities,
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

/** Gives a world in which nothing has happened yet: the same one each time, put back, since making its keys is what takes time. */
export function reusedWorld(): () => Promise<State> {
  let kept: { readonly state: State; readonly reset: () => void } | undefined
  return async () => {
    if (kept === undefined) {
      const state = await createState()
      kept = { state, reset: rememberWorld(state) }
    }
    kept.reset()
    return kept.state
  }
}
