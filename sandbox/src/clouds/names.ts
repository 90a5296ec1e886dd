import { chinaCloud } from './china.js'
import type { Cloud } from './cloud.js'
import { publicCloud } from './public.js'
import { usGovernmentCloud } from './us-government.js'

/** The Azure SDKs' names of the clouds, and those of the Azure CLI. */
const clouds = {
  AzurePublicCloud: publicCloud,
  AzureUSGovernmentCloud: usGovernmentCloud,
  AzureChinaCloud: chinaCloud,
  AzureCloud: publicCloud,
  AzureUSGovernment: usGovernmentCloud
} as const satisfies Record<string, () => Cloud>

export type CloudName = keyof typeof clouds

/** Every name that a cloud goes by. */
export const cloudNames = Object.keys(clouds) as readonly CloudName[]

/** The name in its own spelling, from any letter case; undefined for a cloud that the sandbox does not play. */
export function cloudNamed(text: string): CloudName | undefined {
  return cloudNames.find(name => name.toLowerCase() === text.toLowerCase())
}

/** A cloud of its own for each sandbox, since its audiences grow by the addresses that the sandbox listens at. */
export function createCloud(name: CloudName): Cloud {
  return clouds[name]()
}
