import type { TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, createPipelineRequest, RestError, type HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../config/clouds.js'
import { armDialect } from './arm-sdk.js'
import { asServiceError, speaking } from './service-error.js'

export interface ResourceGroup {
  readonly name: string
  readonly location: string
}

export interface AksCluster {
  /** Undefined while the OIDC issuer is off. */
  readonly issuer: string | undefined
  readonly workloadIdentity: boolean
}

interface WireCluster {
  readonly properties?: {
    readonly oidcIssuerProfile?: { readonly enabled?: boolean; readonly issuerURL?: string }
    readonly securityProfile?: { readonly workloadIdentity?: { readonly enabled?: boolean } }
  }
}

/** The two look-ups for which a whole SDK each would be too much. */
export class ResourceManagerClient {
  readonly #cloud: Cloud
  readonly #credential: TokenCredential
  readonly #transport: HttpClient
  readonly #groups = new Map<string, Promise<ResourceGroup | undefined>>()

  constructor(cloud: Cloud, credential: TokenCredential, transport: HttpClient) {
    this.#cloud = cloud
    this.#credential = credential
    this.#transport = transport
  }

  /** Asked for once, however many identities are made in it. */
  async resourceGroup(subscriptionId: string, name: string): Promise<ResourceGroup | undefined> {
    const path = `/subscriptions/${subscriptionId}/resourcegroups/${name}`
    const known = this.#groups.get(path) ?? this.#get<ResourceGroup>(`read the resource group ${name}`, path, '2022-09-01')
    this.#groups.set(path, known)
    return known
  }

  async aksCluster(subscriptionId: string, resourceGroup: string, name: string): Promise<AksCluster | undefined> {
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
    const cluster = await this.#get<WireCluster>(`read the AKS cluster ${name}`, path, '2024-02-01')
    if (cluster === undefined) return undefined
    const { oidcIssuerProfile, securityProfile } = cluster.properties ?? {}
    return {
      issuer: oidcIssuerProfile?.enabled === true ? oidcIssuerProfile.issuerURL : undefined,
      workloadIdentity: securityProfile?.workloadIdentity?.enabled ?? false
    }
  }

  async #get<T>(doing: string, path: string, apiVersion: string): Promise<T | undefined> {
    const response = await speaking(armDialect, doing, async () => {
      const token = await this.#credential.getToken(`${this.#cloud.resourceManagerAudience}/.default`)
      return this.#transport.sendRequest(createPipelineRequest({
        url: `${this.#cloud.resourceManager}${encodeURI(path)}?api-version=${apiVersion}`,
        headers: createHttpHeaders({ authorization: `Bearer ${token?.token ?? ''}`, accept: 'application/json' })
      }))
    })
    if (response.status === 200) return JSON.parse(response.bodyAsText ?? '{}') as T
    if (response.status === 404) return undefined
    throw asServiceError(armDialect, doing, new RestError(`HTTP ${response.status}`, { statusCode: response.status, request: response.request, response }))
  }
}
