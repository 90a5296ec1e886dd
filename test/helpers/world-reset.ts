import { collections } from '../../sandbox/src/kubernetes/cluster.js'
import { createWorld } from '../../sandbox/src/create-world.js'
import type { World } from '../../sandbox/src/world.js'

/** Remembers a world as it is; the function that it gives puts it back. */
export function rememberWorld(world: World): () => void {
  const maps: readonly Map<string, unknown>[] = [
    world.applications,
    world.deletedApplications,
    world.deletedServicePrincipals,
    world.servicePrincipals,
    world.clientCredentials.secrets,
    world.clientCredentials.certificates,
    world.resourceGroups,
    world.managedIdentities,
    world.managedClusters,
    world.roleAssignments,
    world.roleDefinitions,
    ...collections.map(name => world.cluster[name]),
    world.published
  ]
  const { signingKeys, publishedKeys, issuer } = world.cluster
  const keys = { signingKeys: [...signingKeys], publishedKeys: [...publishedKeys], issuer }
  const contents = maps.map(map => structuredClone([...map]))
  return () => {
    maps.forEach((map, index) => {
      map.clear()
      for (const [key, value] of structuredClone(contents[index]!)) map.set(key, value)
    })
    Object.assign(world.cluster, {
      ...keys,
      signingKeys: [...keys.signingKeys],
      publishedKeys: [...keys.publishedKeys]
    })
    world.denied.clear()
    world.cluster.denied.clear()
  }
}

/** Gives a world in which nothing has happened yet: the same one each time, put back, since making its keys is what takes time. */
export function reusedWorld(): () => Promise<World> {
  let kept: { readonly world: World; readonly reset: () => void } | undefined
  return async () => {
    if (kept === undefined) {
      const world = await createWorld()
      kept = { world, reset: rememberWorld(world) }
    }
    kept.reset()
    return kept.world
  }
}
