import { UsageError } from '../errors.js'
import type { AzureCliProfile } from './azure-cli-profile.js'
import { azureCliCloud, azureCliName, builtInCloud, type Cloud, cloudOfAuthority, type CloudName } from './clouds.js'

/** A cloud, and what selected it. */
export interface SelectedCloud {
  readonly cloud: Cloud
  /** The flag or variable, for messages. */
  readonly origin: string
}

/** What can select a cloud, in order of precedence. */
interface CloudSources {
  readonly flag: CloudName | undefined
  /** The value of `AZURE_AUTHORITY_HOST`. */
  readonly authority: string | undefined
  readonly profile: AzureCliProfile
}

/**
 * Returns the cloud of the flag, else that of `AZURE_AUTHORITY_HOST`, else the one that is selected in the Azure CLI, else the public cloud.
 *
 * @throws UsageError if no known cloud has the authority. The default would send the login's secret to another cloud.
 */
export function selectedCloud({ flag, authority, profile }: CloudSources): SelectedCloud {
  if (flag !== undefined) return { cloud: builtInCloud(flag), origin: '--azure-env' }
  if (authority !== undefined) return { cloud: cloudWithAuthority(authority, profile), origin: 'AZURE_AUTHORITY_HOST' }
  const { cloudName, cloudEndpoints } = profile
  return {
    cloud: cloudName === undefined ? builtInCloud('AzurePublicCloud') : azureCliCloud(cloudName, cloudEndpoints),
    origin: 'the Azure CLI'
  }
}

/** The webhook sets `AZURE_AUTHORITY_HOST` in the pods of its cloud, and people set it on runners. */
function cloudWithAuthority(authority: string, { cloudName, registeredClouds }: AzureCliProfile): Cloud {
  const known = cloudOfAuthority(authority)
  const registered = Object.entries(registeredClouds).filter(([, { endpoint_active_directory: endpoint }]) =>
    isSameAuthority(endpoint, authority)
  )
  // Clouds can share an authority. Azure Stack can use the one of the public cloud.
  const selected = registered.find(([name]) => name === cloudName)
  if (selected !== undefined) return azureCliCloud(...selected)
  if (known !== undefined) return builtInCloud(known)
  const [only, another] = registered
  if (only !== undefined && another === undefined) return azureCliCloud(...only)
  throw new UsageError(
    only === undefined
      ? `AZURE_AUTHORITY_HOST "${authority}" is not the login address of a cloud that azwi knows`
      : `AZURE_AUTHORITY_HOST "${authority}" is the login address of several clouds: ${registered.map(([name]) => name).join(', ')}`,
    'name the cloud with --azure-env, or set ARM_CLOUD_METADATA_URL to its metadata document'
  )
}

/**
 * Refuses a cloud that is not the Azure CLI's own, for a login with the Azure CLI: its tokens would go to another cloud.
 *
 * @throws UsageError if the clouds have different authorities
 */
export function refuseOtherCloud({ cloud, origin }: SelectedCloud, profile: AzureCliProfile): void {
  const { cloudName, cloudEndpoints, subscriptions, selected } = profile
  if (subscriptions.length === 0 && selected === undefined) return
  const isBuiltIn = cloudOfAuthority(cloud.authority) !== undefined
  // Every run of az writes the name of its cloud. Without it, only a built-in cloud can be compared with the default of az.
  const name = cloudName ?? (isBuiltIn ? 'AzureCloud' : undefined)
  if (name === undefined) return
  const authority = authorityOf(name, cloudEndpoints)
  if (authority === undefined || isSameAuthority(authority, cloud.authority)) return
  throw new UsageError(
    `${origin} selects ${cloud.name} (${cloud.authority}), but the Azure CLI is logged in to ${name} (${authority})`,
    `az cloud set --name ${azureCliName(cloud.name)} && az login, or log in without the Azure CLI (--auth-method), or leave out ${origin}`
  )
}

/** Returns the authority of a cloud of the Azure CLI. Undefined if the cloud is neither registered nor built in. */
function authorityOf(name: string, endpoints: Readonly<Record<string, string>>): string | undefined {
  if (endpoints.endpoint_active_directory !== undefined) return endpoints.endpoint_active_directory.replace(/\/+$/, '')
  try {
    return azureCliCloud(name, {}).authority
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}

function isSameAuthority(a: string | undefined, b: string): boolean {
  if (a === undefined || !URL.canParse(a) || !URL.canParse(b)) return false
  if (new URL(a).host === new URL(b).host) return true
  const cloud = cloudOfAuthority(a)
  return cloud !== undefined && cloud === cloudOfAuthority(b)
}
