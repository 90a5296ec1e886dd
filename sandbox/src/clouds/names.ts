import { chinaCloud } from './china.js'
import type { Cloud } from './cloud.js'
import { publicCloud } from './public.js'
import { usGovernmentCloud } from './us-government.js'

/** The clouds, keyed by the names of the Azure SDKs and of the Azure CLI. */
const clouds = {
  AzurePublicCloud: publicCloud,
  AzureUSGovernmentCloud: usGovernmentCloud,
  AzureChinaCloud: chinaCloud,
  AzureCloud: publicCloud,
  AzureUSGovernment: usGovernmentCloud
} as const satisfies Record<string, () => Cloud>

/** A name of a cloud, in its own spelling. */
export type CloudName = keyof typeof clouds

/** All names of clouds. A cloud can have two. */
export const cloudNames = Object.keys(clouds) as readonly CloudName[]

/** Returns a cloud's name in its own spelling, from any letter case, or undefined for an unknown name. */
export function cloudNamed(text: string): CloudName | undefined {
  return cloudNames.find(name => name.toLowerCase() === text.toLowerCase())
}

/** Creates a cloud. Each sandbox needs its own, because it adds its addresses to the audiences. */
export function createCloud(name: CloudName): Cloud {
  return clouds[name]()
}
