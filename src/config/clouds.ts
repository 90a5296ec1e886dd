import { shellQuoted, UsageError } from '../errors.js'

/** The endpoints and audiences of an Azure cloud. URLs have no trailing slash. */
export interface Cloud {
  readonly name: string
  /** Entra, which issues the tokens. */
  readonly authority: string
  readonly resourceManager: string
  /** The audience of a token for the resource manager, without `/.default`. */
  readonly resourceManagerAudience: string
  readonly graph: string
  /** The audience that Entra expects in a service account token. */
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

/** The name of a built-in cloud, as in the Go SDK. */
export type CloudName = keyof typeof builtIn
/** The names of all built-in clouds. */
export const cloudNames = Object.keys(builtIn) as readonly CloudName[]

/** The Azure CLI's names for the same clouds. */
const azureCliNames: ReadonlyMap<string, CloudName> = new Map([
  ['azurecloud', 'AzurePublicCloud'],
  ['azureusgovernment', 'AzureUSGovernmentCloud']
])

/**
 * Converts a cloud's name in the Go SDK or in the Azure CLI to that in the Go SDK. Ignores letter case. Throws a UsageError for any other
 * name.
 */
export function canonicalCloudName(text: string, flag: string): CloudName {
  const wanted = text.toLowerCase()
  const name = cloudNames.find(candidate => candidate.toLowerCase() === wanted) ?? azureCliNames.get(wanted)
  if (name === undefined)
    throw new UsageError(`${flag}: there is no Azure cloud named "${text}"`, `use one of ${cloudNames.join(', ')}`)
  return name
}

/** Reports whether two names, of the Go SDK or of the Azure CLI, mean the same cloud. */
export function isSameCloud(a: string, b: string): boolean {
  const canonical = (name: string): string => azureCliNames.get(name.toLowerCase())?.toLowerCase() ?? name.toLowerCase()
  return canonical(a) === canonical(b)
}

/**
 * Returns the cloud that the Azure CLI has selected: a built-in one, or one registered with endpoints. Throws a UsageError if endpoints are
 * missing.
 */
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

/** Reports whether the authority is that of a built-in cloud. Microsoft's public instance discovery knows only these. */
export function isBuiltInAuthority(authority: string): boolean {
  return Object.values<Cloud>(builtIn).some(cloud => cloud.authority === authority)
}

/** Other names of the authorities of the built-in clouds. Source: Entra's instance discovery. */
const authorityAliases: ReadonlyMap<string, CloudName> = new Map([
  ['login.windows.net', 'AzurePublicCloud'],
  ['login.microsoft.com', 'AzurePublicCloud'],
  ['sts.windows.net', 'AzurePublicCloud'],
  ['login.usgovcloudapi.net', 'AzureUSGovernmentCloud'],
  ['login.partner.microsoftonline.cn', 'AzureChinaCloud']
])

/** Returns the name of the built-in cloud that has this authority, under any of its host names. */
export function cloudOfAuthority(url: string): CloudName | undefined {
  if (!URL.canParse(url)) return undefined
  const { host } = new URL(url)
  return cloudNames.find(name => new URL(builtIn[name].authority).host === host) ?? authorityAliases.get(host)
}

/** Returns the Azure CLI's name of a cloud, for `az cloud set`. */
export function azureCliName(cloudName: string): string {
  if (cloudName === 'AzurePublicCloud') return 'AzureCloud'
  return cloudName === 'AzureUSGovernmentCloud' ? 'AzureUSGovernment' : cloudName
}

/** Returns the name of the built-in cloud that has the host of this URL. */
export function cloudOfEndpoint(url: string): CloudName | undefined {
  return cloudNames.find(name =>
    [builtIn[name].authority, builtIn[name].resourceManager].some(
      endpoint => new URL(endpoint).host === new URL(url).host
    )
  )
}

/** Returns a built-in cloud. */
export function builtInCloud(name: CloudName): Cloud {
  return builtIn[name]
}

/**
 * Returns the audience of service account tokens in a cloud. An unknown cloud has the audience of the public cloud.
 * Source: Entra's documentation of workload identity federation, "audiences".
 */
export function exchangeAudienceOf(cloudName: string): string {
  try {
    return builtIn[canonicalCloudName(cloudName, '')].exchangeAudience
  } catch {
    return defaultExchangeAudience
  }
}
