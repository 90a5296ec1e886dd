import { shellQuoted, UsageError } from '../errors.js'

/** Where one Azure cloud is to be found, and what its tokens are for. URLs have no trailing slash. */
export interface Cloud {
  readonly name: string
  /** Entra: tokens come from here. */
  readonly authority: string
  readonly resourceManager: string
  /** The audience of a token for the resource manager, as it is put before `/.default`. */
  readonly resourceManagerAudience: string
  readonly graph: string
  /** The audience that a service account token must carry to be exchanged in this cloud. */
  readonly exchangeAudience: string
}

const defaultExchangeAudience = 'api://AzureADTokenExchange'

const builtIn = {
  AzurePublicCloud: {
    name: 'AzurePublicCloud',
    authority: 'https://login.microsoftonline.com',
    resourceManager: 'https://management.azure.com',
    resourceManagerAudience: 'https://management.azure.com',
    graph: 'https://graph.microsoft.com',
    exchangeAudience: defaultExchangeAudience
  },
  AzureUSGovernmentCloud: {
    name: 'AzureUSGovernmentCloud',
    authority: 'https://login.microsoftonline.us',
    resourceManager: 'https://management.usgovcloudapi.net',
    resourceManagerAudience: 'https://management.usgovcloudapi.net',
    graph: 'https://graph.microsoft.us',
    exchangeAudience: 'api://AzureADTokenExchangeUSGov'
  },
  AzureChinaCloud: {
    name: 'AzureChinaCloud',
    authority: 'https://login.chinacloudapi.cn',
    resourceManager: 'https://management.chinacloudapi.cn',
    resourceManagerAudience: 'https://management.chinacloudapi.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    exchangeAudience: 'api://AzureADTokenExchangeChina'
  }
} as const satisfies Record<string, Cloud>

export type CloudName = keyof typeof builtIn
export const cloudNames = Object.keys(builtIn) as readonly CloudName[]

/** The Azure CLI's names for the same clouds. */
const azureCliNames: ReadonlyMap<string, CloudName> = new Map([
  ['azurecloud', 'AzurePublicCloud'],
  ['azureusgovernment', 'AzureUSGovernmentCloud']
])

/** The Go SDK's name of a cloud, from that or from the Azure CLI's, in any letter case. Throws a UsageError on any other. */
export function canonicalCloudName(text: string, flag: string): CloudName {
  const wanted = text.toLowerCase()
  const name = cloudNames.find(candidate => candidate.toLowerCase() === wanted) ?? azureCliNames.get(wanted)
  if (name === undefined)
    throw new UsageError(`${flag}: there is no Azure cloud named "${text}"`, `use one of ${cloudNames.join(', ')}`)
  return name
}

/** Whether two names, of the Go SDK or of the Azure CLI, are of one cloud. */
export function isSameCloud(a: string, b: string): boolean {
  const canonical = (name: string): string => azureCliNames.get(name.toLowerCase())?.toLowerCase() ?? name.toLowerCase()
  return canonical(a) === canonical(b)
}

/** The cloud that the Azure CLI has selected: one that is built in, or the endpoints with which it was registered. Throws where these are not enough. */
export function azureCliCloud(name: string, endpoints: Readonly<Record<string, string>>): Cloud {
  const {
    endpoint_active_directory: authority,
    endpoint_resource_manager: resourceManager,
    endpoint_microsoft_graph_resource_id: graph
  } = endpoints
  if (authority === undefined || resourceManager === undefined)
    return builtIn[canonicalCloudName(name, "the Azure CLI's cloud")]
  if (graph === undefined) {
    throw new UsageError(
      `the Azure CLI's cloud "${name}" is registered without its Microsoft Graph endpoint`,
      `az cloud update --name ${shellQuoted(name)} --endpoint-microsoft-graph-resource-id https://<graph>`
    )
  }
  const trim = (url: string): string => url.replace(/\/+$/, '')
  return {
    name,
    authority: trim(authority),
    resourceManager: trim(resourceManager),
    graph: trim(graph),
    resourceManagerAudience: trim(endpoints.endpoint_active_directory_resource_id ?? resourceManager),
    exchangeAudience: exchangeAudienceOf(name)
  }
}

/** Whether Microsoft's public instance discovery knows an authority. */
export function isBuiltInAuthority(authority: string): boolean {
  return Object.values<Cloud>(builtIn).some(cloud => cloud.authority === authority)
}

/** The built-in cloud that an endpoint belongs to, by its host. */
export function cloudOfEndpoint(url: string): CloudName | undefined {
  return cloudNames.find(name =>
    [builtIn[name].authority, builtIn[name].resourceManager].some(own => new URL(own).host === new URL(url).host)
  )
}

/** The endpoints of a cloud that is built in. */
export function builtInCloud(name: CloudName): Cloud {
  return builtIn[name]
}

/**
 * The audience for a cloud that a metadata document names; a cloud we do not know takes the public one's.
 * Source: Entra's documentation of workload identity federation, "audiences".
 */
export function exchangeAudienceOf(cloudName: string): string {
  try {
    return builtIn[canonicalCloudName(cloudName, '')].exchangeAudience
  } catch {
    return defaultExchangeAudience
  }
}
