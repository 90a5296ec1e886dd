import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Client } from '@microsoft/microsoft-graph-client'
import type { Cloud } from '../config/clouds.js'
import type { FederatedIdentityCredential } from '../identity/federated-credential.js'
import { createGraphSdk, graphDialect } from './graph-sdk.js'
import { quoted } from './odata.js'
import type { Patience } from './patience.js'
import { untilPassed } from './retry.js'
import { isStatus, orUndefined, ServiceError, speaking } from './service-error.js'

export interface Application {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly createdDateTime: string
  readonly tags: readonly string[]
}

export interface ServicePrincipal {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly tags: readonly string[]
}

export interface NewApplication {
  readonly displayName: string
  readonly uniqueName: string
  readonly tags: readonly string[]
}

interface WireApplication { id: string; appId: string; displayName: string; createdDateTime: string; tags: string[] }
interface WireServicePrincipal { id: string; appId: string; displayName: string; tags: string[] }
interface Page<T> { value: T[]; '@odata.nextLink'?: string }

const applicationFields = 'id,appId,displayName,createdDateTime,tags'
const principalFields = 'id,appId,displayName,tags'

/** Applications, service principals and their federated identity credentials, over Microsoft Graph v1.0. */
export class GraphClient {
  readonly #sdk: Client
  readonly #patience: Patience

  constructor(cloud: Cloud, credential: TokenCredential, transport: HttpClient, patience: Patience) {
    this.#sdk = createGraphSdk(cloud.graph, credential, transport)
    this.#patience = patience
  }

  /** Every application with this display name; display names are not unique. */
  async applicationsNamed(displayName: string): Promise<Application[]> {
    return (await this.#list<WireApplication>(`look up the application named "${displayName}"`, '/applications', {
      $filter: `displayName eq ${quoted(displayName)}`, $select: applicationFields
    })).map(application)
  }

  async applicationByObjectId(objectId: string): Promise<Application | undefined> {
    const found = await orUndefined(this.#get<WireApplication>(`read the application ${objectId}`, `/applications/${objectId}`, { $select: applicationFields }))
    return found && application(found)
  }

  async applicationByClientId(clientId: string): Promise<Application | undefined> {
    const found = await this.#list<WireApplication>(`look up the application with client id ${clientId}`, '/applications', {
      $filter: `appId eq ${quoted(clientId)}`, $select: applicationFields
    })
    return found[0] && application(found[0])
  }

  /**
   * Makes the application, or takes the one that already has the `uniqueName`, in one request that can be sent again: of two runs at
   * once, one makes it and both get it. Undefined where a deleted application still holds the name: it does so for 30 days.
   */
  async upsertApplication({ displayName, uniqueName, tags }: NewApplication): Promise<{ application: Application; created: boolean } | undefined> {
    const path = `/applications(uniqueName=${encodeURIComponent(quoted(uniqueName))})`
    let response: WireApplication | undefined
    try {
      response = await speaking(graphDialect, `create the application "${displayName}"`, async () => {
        const request = this.#sdk.api(path).header('Prefer', 'create-if-missing')
        return await request.patch({ displayName, tags, signInAudience: 'AzureADMyOrg' }) as WireApplication | undefined
      })
    } catch (error) {
      if (isUniqueNameTaken(error)) return undefined
      throw error
    }
    if (response?.appId !== undefined) return { application: application(response), created: true }
    const existing = await untilPassed(
      () => this.#get<WireApplication>(`read the application "${displayName}"`, path, { $select: applicationFields }),
      notYetThere, `Graph does not show the application "${displayName}" yet`, this.#patience
    )
    return { application: application(existing), created: false }
  }

  /** Object ids of soft-deleted applications with this display name, by their `uniqueName`. */
  async deletedApplicationsNamed(displayName: string): Promise<Map<string, string>> {
    const found = await this.#list<{ id: string; uniqueName?: string | null }>(
      `look up deleted applications named "${displayName}"`, '/directory/deletedItems/microsoft.graph.application',
      { $filter: `displayName eq ${quoted(displayName)}`, $select: 'id,uniqueName', $count: 'true' }, { ConsistencyLevel: 'eventual' }
    )
    return new Map(found.flatMap(({ id, uniqueName }) => uniqueName ? [[uniqueName, id] as const] : []))
  }

  /** Soft: Entra keeps it for 30 days. It takes the service principal and the credentials along. False where it was gone already. */
  async deleteApplication(objectId: string): Promise<boolean> {
    return this.#delete(`delete the application ${objectId}`, `/applications/${objectId}`)
  }

  /** Removes a soft-deleted application for good, waiting until the directory shows it among the deleted. */
  async purgeApplication(objectId: string): Promise<boolean> {
    const purge = () => speaking(graphDialect, `purge the application ${objectId}`, async () => {
      await this.#sdk.api(`/directory/deletedItems/${objectId}`).delete()
      return true
    })
    return untilPassed(purge, notYetThere, `the directory does not show ${objectId} among the deleted yet`, this.#patience)
  }

  async servicePrincipalOf(clientId: string): Promise<ServicePrincipal | undefined> {
    const found = await this.#list<WireServicePrincipal>(`look up the service principal of ${clientId}`, '/servicePrincipals', {
      $filter: `appId eq ${quoted(clientId)}`, $select: principalFields
    })
    return found[0] && principal(found[0])
  }

  async servicePrincipalByObjectId(objectId: string): Promise<ServicePrincipal | undefined> {
    const path = `/servicePrincipals/${objectId}`
    const found = await orUndefined(this.#get<WireServicePrincipal>(`read the service principal ${objectId}`, path, { $select: principalFields }))
    return found && principal(found)
  }

  async servicePrincipalsNamed(displayName: string): Promise<ServicePrincipal[]> {
    return (await this.#list<WireServicePrincipal>(`look up the service principal named "${displayName}"`, '/servicePrincipals', {
      $filter: `displayName eq ${quoted(displayName)}`, $select: principalFields
    })).map(principal)
  }

  /** Makes the service principal of an application, waiting until the directory has heard of the application; takes one that is there. */
  async createServicePrincipal(clientId: string): Promise<{ servicePrincipal: ServicePrincipal; created: boolean }> {
    const doing = `create the service principal of ${clientId}`
    const create = () => speaking(graphDialect, doing, async () => await this.#sdk.api('/servicePrincipals').post({ appId: clientId }) as WireServicePrincipal)
    try {
      const made = await untilPassed(create, applicationNotYetKnown, `the directory does not know the application ${clientId} yet`, this.#patience)
      return { servicePrincipal: principal(made), created: true }
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      const find = async (): Promise<ServicePrincipal> => {
        const existing = await this.servicePrincipalOf(clientId)
        if (existing === undefined) throw error
        return existing
      }
      const existing = await untilPassed(find, each => each === error, `Graph does not show the service principal of ${clientId} yet`, this.#patience)
      return { servicePrincipal: existing, created: false }
    }
  }

  async credentials(applicationObjectId: string): Promise<FederatedIdentityCredential[]> {
    return this.#list(`list the federated identity credentials of ${applicationObjectId}`, credentialsPath(applicationObjectId), {})
  }

  /** Writes a credential under its name, new or not, in one request that can be sent again; waits for an application that was just made. */
  async upsertCredential(applicationObjectId: string, { name, issuer, subject, audiences }: FederatedIdentityCredential): Promise<void> {
    const path = `${credentialsPath(applicationObjectId)}(name=${encodeURIComponent(quoted(name))})`
    const write = () => speaking(graphDialect, `write the federated identity credential ${name}`, async () => {
      await this.#sdk.api(path).header('Prefer', 'create-if-missing').patch({ issuer, subject, audiences, description: 'made by azwi for a Kubernetes service account' })
    })
    await untilPassed(write, notYetThere, `the directory does not know the application ${applicationObjectId} yet`, this.#patience)
  }

  /** False where it was gone already. */
  async deleteCredential(applicationObjectId: string, name: string): Promise<boolean> {
    return this.#delete(`delete the federated identity credential ${name}`, `${credentialsPath(applicationObjectId)}/${encodeURIComponent(name)}`)
  }

  async #get<T>(doing: string, path: string, query: Record<string, string>): Promise<T> {
    return speaking(graphDialect, doing, async () => await this.#sdk.api(path).query(encoded(query)).get() as T)
  }

  async #list<T>(doing: string, path: string, query: Record<string, string>, headers: Record<string, string> = {}): Promise<T[]> {
    const items: T[] = []
    let page = await speaking(graphDialect, doing, async () => await this.#sdk.api(path).headers(headers).query(encoded(query)).get() as Page<T>)
    for (;;) {
      items.push(...page.value)
      const next = page['@odata.nextLink']
      if (next === undefined) return items
      page = await speaking(graphDialect, doing, async () => await this.#sdk.api(next).headers(headers).get() as Page<T>)
    }
  }

  async #delete(doing: string, path: string): Promise<boolean> {
    const deleted = await orUndefined(speaking(graphDialect, doing, async () => {
      await this.#sdk.api(path).delete()
      return true
    }))
    return deleted ?? false
  }
}

/** Source: microsoftgraph/msgraph-bicep-types, issue 137. */
function isUniqueNameTaken(error: unknown): boolean {
  return error instanceof ServiceError && error.status === 400 && /same value for property uniqueName/i.test(error.message)
}

const credentialsPath = (objectId: string): string => `/applications/${objectId}/federatedIdentityCredentials`

const encoded = (query: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(query).map(([key, value]) => [key, encodeURIComponent(value)]))

const notYetThere = (error: unknown): boolean => isStatus(error, 404)

const applicationNotYetKnown = (error: unknown): boolean =>
  notYetThere(error) || (isStatus(error, 400) && /does not reference a valid application object/i.test(error.message))

const application = ({ id, appId, displayName, createdDateTime, tags }: WireApplication): Application =>
  ({ objectId: id, clientId: appId, displayName, createdDateTime, tags })

const principal = ({ id, appId, displayName, tags }: WireServicePrincipal): ServicePrincipal =>
  ({ objectId: id, clientId: appId, displayName, tags })
