import type { TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, createPipelineRequest, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { armErrorFormat } from './sdk.js'
import { requireSameOrigin } from '../../net/next-link.js'
import { isStatus, toServiceError, translateErrors } from '../../net/service-error.js'

/** A resource group of a subscription. */
export interface ResourceGroup {
  readonly name: string
  readonly location: string
}

/** An AKS cluster, with its settings for workload identity. */
interface AksCluster {
  readonly name: string
  readonly resourceGroup: string
  /** The host name of the API server. Undefined for a private cluster, and while Azure creates the cluster. */
  readonly host: string | undefined
  /** Undefined if the OIDC issuer is off. */
  readonly issuer: string | undefined
  readonly workloadIdentity: boolean
}

/** A cluster as Azure sends it. */
interface ArmCluster {
  readonly id: string
  readonly name: string
  readonly properties?: {
    readonly fqdn?: string
    readonly oidcIssuerProfile?: { readonly enabled?: boolean; readonly issuerURL?: string }
    readonly securityProfile?: { readonly workloadIdentity?: { readonly enabled?: boolean } }
  }
}

/** Reads resource groups and AKS clusters, without the SDK for each. Every method throws a ServiceError. */
export class ResourceManagerClient {
  readonly #cloud: Cloud
  readonly #credential: TokenCredential
  readonly #transport: HttpClient
  #subscriptionIds: Promise<string[]> | undefined
  readonly #groups = new Map<string, Promise<ResourceGroup | undefined>>()

  constructor(cloud: Cloud, credential: TokenCredential, transport: HttpClient) {
    this.#cloud = cloud
    this.#credential = credential
    this.#transport = transport
  }

  /** Reads a resource group. Caches the result. */
  async resourceGroup(subscriptionId: string, name: string): Promise<ResourceGroup | undefined> {
    const path = `/subscriptions/${subscriptionId}/resourcegroups/${name}`
    const group =
      this.#groups.get(path) ?? this.#get<ResourceGroup>(`read the resource group ${name}`, path, '2022-09-01')
    this.#groups.set(path, group)
    return group
  }

  async aksCluster(subscriptionId: string, resourceGroup: string, name: string): Promise<AksCluster | undefined> {
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
    const cluster = await this.#get<ArmCluster>(`read the AKS cluster ${name}`, path, '2024-02-01')
    return cluster && aksCluster(cluster)
  }

  /** Lists the AKS clusters of a subscription. */
  async aksClusters(subscriptionId: string): Promise<AksCluster[]> {
    const clusters: ArmCluster[] = []
    let url: string | undefined = this.#url(
      `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/managedClusters`,
      '2024-02-01'
    )
    while (url !== undefined) {
      requireSameOrigin(url, this.#cloud.resourceManager, armErrorFormat.service)
      const page: { value: ArmCluster[]; nextLink?: string } | undefined = await this.#fetch(
        'list the AKS clusters',
        url
      )
      clusters.push(...(page?.value ?? []))
      url = page?.nextLink
    }
    return clusters.map(aksCluster)
  }

  /** Returns the IDs of the subscriptions that the login can see. Caches the result. */
  async subscriptionIds(): Promise<readonly string[]> {
    return (this.#subscriptionIds ??= this.#listSubscriptionIds())
  }

  async #listSubscriptionIds(): Promise<string[]> {
    const ids: string[] = []
    let url: string | undefined = this.#url('/subscriptions', '2022-12-01')
    while (url !== undefined) {
      requireSameOrigin(url, this.#cloud.resourceManager, armErrorFormat.service)
      const page: { value?: { subscriptionId: string }[]; nextLink?: string } | undefined = await this.#fetch(
        'list the subscriptions',
        url
      )
      ids.push(...(page?.value ?? []).map(({ subscriptionId }) => subscriptionId))
      url = page?.nextLink
    }
    return ids
  }

  /**
   * Finds the managed identity with a client ID in all subscriptions, by Azure Resource Graph. Returns its resource ID. Resource Graph shows only
   * what the login may read, and lags behind by minutes.
   */
  async managedIdentityIdOf(clientId: string): Promise<string | undefined> {
    const url = this.#url('/providers/Microsoft.ResourceGraph/resources', '2022-10-01')
    const query =
      "resources | where type =~ 'microsoft.managedidentity/userassignedidentities' " +
      `| where properties.clientId =~ '${clientId}' | project id`
    const found = await this.#fetch<{ data?: { id?: string }[] }>(
      `find the managed identity with client ID ${clientId}`,
      url,
      { query, options: { resultFormat: 'objectArray' } }
    )
    return found?.data?.[0]?.id
  }

  /**
   * Returns the resource IDs of the resources that a managed identity is assigned to. Resolves to undefined if the cloud does not offer the
   * operation, which exists only in a preview version of the API.
   */
  async resourcesOf(managedIdentityId: string): Promise<readonly string[] | undefined> {
    const url = this.#url(`${managedIdentityId}/listAssociatedResources`, '2021-09-30-PREVIEW')
    try {
      const found = await this.#fetch<{ value?: { id?: string }[] }>(
        `list the resources of the managed identity ${managedIdentityId}`,
        url,
        {}
      )
      return found?.value?.flatMap(({ id }) => id ?? [])
    } catch (error) {
      if (isStatus(error, 400, 405)) return undefined
      throw error
    }
  }

  #url(path: string, apiVersion: string): string {
    return `${this.#cloud.resourceManager}${encodeURI(path)}?api-version=${apiVersion}`
  }

  #get<T>(operation: string, path: string, apiVersion: string): Promise<T | undefined> {
    return this.#fetch(operation, this.#url(path, apiVersion))
  }

  /** Sends a GET, or a POST if there is a body. Resolves to undefined for a 404. */
  async #fetch<T>(operation: string, url: string, body?: object): Promise<T | undefined> {
    const response = await translateErrors(armErrorFormat, operation, async () => {
      const token = await this.#credential.getToken(`${this.#cloud.resourceManagerAudience}/.default`)
      return this.#transport.sendRequest(
        createPipelineRequest({
          url,
          method: body === undefined ? 'GET' : 'POST',
          headers: createHttpHeaders({
            authorization: `Bearer ${token?.token ?? ''}`,
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' })
          }),
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
      )
    })
    if (response.status === 200) return JSON.parse(response.bodyAsText ?? '{}') as T
    if (response.status === 404) return undefined
    throw toServiceError(
      armErrorFormat,
      operation,
      new RestError(`HTTP ${response.status}`, { statusCode: response.status, request: response.request, response })
    )
  }
}

function aksCluster({ id, name, properties = {} }: ArmCluster): AksCluster {
  const { oidcIssuerProfile, securityProfile, fqdn } = properties
  return {
    name,
    resourceGroup: /\/resourcegroups\/([^/]+)/i.exec(id)?.[1] ?? '',
    host: fqdn,
    issuer: oidcIssuerProfile?.enabled === true ? oidcIssuerProfile.issuerURL : undefined,
    workloadIdentity: securityProfile?.workloadIdentity?.enabled ?? false
  }
}
