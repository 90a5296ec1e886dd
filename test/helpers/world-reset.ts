import { collections } from '../../src/sandbox/cluster.js'
import type { World } from '../../src/sandbox/world.js'

/** Remembers a world as it is; the function that it gives puts it back. */
export function rememberWorld(world: World): () => void {
  const maps: readonly Map<string, unknown>[] = [
    world.applications, world.deletedApplications, world.servicePrincipals, world.clientCredentials.secrets, world.clientCredentials.certificates,
    world.resourceGroups, world.managedIdentities, world.managedClusters, world.roleAssignments, world.roleDefinitions,
    ...collections.map(name => world.cluster[name]), world.published
  ]
  const contents = maps.map(map => structuredClone([...map]))
  return () => {
    maps.forEach((map, index) => {
      map.clear()
      for (const [key, value] of structuredClone(contents[index]!)) map.set(key, value)
    })
    world.denied.clear()
    world.cluster.denied.clear()
  }
}
