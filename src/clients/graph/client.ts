import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { batched } from '../../net/limits.js'
import {
  application,
  type Application,
  applicationFields,
  credential,
  type DeletedApplication,
  type NewApplication,
  principal,
  principalFields,
  type ServicePrincipal,
  type WireApplication,
  type WireCredential,
  type WireServicePrincipal
} from './objects.js'
import { GraphRequests } from './requests.js'
import { graphErrorFormat } from './sdk.js'
import { quoted } from '../odata.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, orUndefined, ServiceError, translateErrors } from '../../net/service-error.js'

export type { Application, DeletedApplication, NewApplication, ServicePrincipal } from './objects.js'

/** Applications, service principals and their federated identity credentials, over Microsoft Graph v1.0. */
export class GraphClient {
  readonly #requests: GraphRequests
  readonly #retryBudget: RetryBudget

  /** Look-ups that are made for many at once are gathered into one request. */
  readonly #applicationsByName = batched(mostInFilter, async (names: readonly string[]) => {
    const found = await this.#requests.list<WireApplication>(
      `look up the application named "${names.join('", "')}"`,
      '/applications',
      {
        $filter: among('displayName', names),
        $select: applicationFields
      }
    )
    return byName(names, found.map(application))
  })

  readonly #principalsByName = batched(mostInFilter, async (names: readonly string[]) => {
    const found = await this.#requests.list<WireServicePrincipal>(
      `look up the service principal named "${names.join('", "')}"`,
      '/servicePrincipals',
      {
        $filter: among('displayName', names),
        $select: principalFields
      }
    )
    return byName(names, found.map(principal))
  })

  readonly #applicationByClientId = batched(
    mostInFilter,
    async (clientIds: readonly string[]) =>
      new Map(
        (
          await this.#requests.list<WireApplication>(
            `look up the application with client id ${clientIds.join(', ')}`,
            '/applications',
            {
              $filter: among('appId', clientIds),
              $select: applicationFields
            }
          )
        ).map(found => [found.appId.toLowerCase(), application(found)])
      )
  )

  readonly #servicePrincipalByClientId = batched(
    mostInFilter,
    async (clientIds: readonly string[]) =>
      new Map(
        (
          await this.#requests.list<WireServicePrincipal>(
            `look up the service principal of ${clientIds.join(', ')}`,
            '/servicePrincipals',
            {
              $filter: among('appId', clientIds),
              $select: principalFields
            }
          )
        ).map(found => [found.appId.toLowerCase(), principal(found)])
      )
  )

  readonly #credentials = batched(mostInBatch, async (objectIds: readonly string[]) => {
    if (objectIds.length === 1) return new Map<string, FederatedIdentityCredential[]>()
    const found = await this.#requests.listMany<WireCredential>(
      'list federated identity credentials',
      objectIds.map(credentialsPath)
    )
    return new Map(
      objectIds.flatMap(id => {
        const credentials = found.get(credentialsPath(id))
        return credentials === undefined ? [] : [[id, credentials.map(credential)] as const]
      })
    )
  })

  constructor(cloud: Cloud, login: TokenCredential, transport: HttpClient, retryBudget: RetryBudget) {
    this.#requests = new GraphRequests(cloud.graph, login, transport)
    this.#retryBudget = retryBudget
  }

  /** Every application with this display name; display names are not unique. */
  async applicationsNamed(displayName: string): Promise<Application[]> {
    return (await this.#applicationsByName(displayName)) ?? []
  }

  async applicationByObjectId(objectId: string): Promise<Application | undefined> {
    const found = await orUndefined(
      this.#requests.get<WireApplication>(`read the application ${objectId}`, `/applications/${objectId}`, {
        $select: applicationFields
      })
    )
    return found && application(found)
  }

  async applicationByClientId(clientId: string): Promise<Application | undefined> {
    return this.#applicationByClientId(clientId.toLowerCase())
  }

  /**
   * Makes the application, or takes the one that already has the `uniqueName`, in one request that can be sent again: of two runs at
   * once, one makes it and both get it. Undefined where a deleted application still holds the name: it does so for 30 days.
   */
  async upsertApplication({
    displayName,
    uniqueName,
    tags
  }: NewApplication): Promise<{ application: Application; created: boolean } | undefined> {
    const path = `/applications(uniqueName=${encodeURIComponent(quoted(uniqueName))})`
    let response: WireApplication | undefined
    try {
      response = await translateErrors(graphErrorFormat, `create the application "${displayName}"`, async () => {
        const request = this.#requests.sdk.api(path).header('Prefer', 'create-if-missing')
        return (await request.patch({ displayName, tags, signInAudience: 'AzureADMyOrg' })) as
          WireApplication | undefined
      })
    } catch (error) {
      if (isUniqueNameTaken(error)) return undefined
      throw error
    }
    if (response?.appId !== undefined) return { application: application(response), created: true }
    const existing = await retryWhile(
      () =>
        this.#requests.get<WireApplication>(`read the application "${displayName}"`, path, {
          $select: applicationFields
        }),
      notYetThere,
      `Graph does not show the application "${displayName}" yet`,
      this.#retryBudget
    )
    return { application: application(existing), created: false }
  }

  /** Object ids of soft-deleted applications with this display name, by their `uniqueName`. */
  async deletedApplicationsNamed(displayName: string): Promise<Map<string, string>> {
    const found = await this.#requests.list<{ id: string; uniqueName?: string | null }>(
      `look up deleted applications named "${displayName}"`,
      '/directory/deletedItems/microsoft.graph.application',
      { $filter: `displayName eq ${quoted(displayName)}`, $select: 'id,uniqueName', $count: 'true' },
      { ConsistencyLevel: 'eventual' }
    )
    return new Map(found.flatMap(({ id, uniqueName }) => (uniqueName ? [[uniqueName, id] as const] : [])))
  }

  /** The soft-deleted application that had this client id. */
  async deletedApplicationByClientId(clientId: string): Promise<DeletedApplication | undefined> {
    const [found] = await this.#requests.list<WireApplication & { deletedDateTime: string }>(
      `look up the deleted application with client id ${clientId}`,
      '/directory/deletedItems/microsoft.graph.application',
      { $filter: `appId eq ${quoted(clientId)}`, $select: 'id,displayName,deletedDateTime', $count: 'true' },
      { ConsistencyLevel: 'eventual' }
    )
    return found && { objectId: found.id, displayName: found.displayName, deletedDateTime: found.deletedDateTime }
  }

  /** The object id of the soft-deleted service principal that had this client id. */
  async deletedPrincipalOf(clientId: string): Promise<string | undefined> {
    const [found] = await this.#requests.list<{ id: string }>(
      `look up the deleted service principal of ${clientId}`,
      '/directory/deletedItems/microsoft.graph.servicePrincipal',
      { $filter: `appId eq ${quoted(clientId)}`, $select: 'id', $count: 'true' },
      { ConsistencyLevel: 'eventual' }
    )
    return found?.id
  }

  /** Soft: Entra keeps it for 30 days. It takes the service principal and the credentials along. False where it was gone already. */
  async deleteApplication(objectId: string): Promise<boolean> {
    return this.#requests.delete(`delete the application ${objectId}`, `/applications/${objectId}`)
  }

  /** Removes a soft-deleted application for good. The directory may take a moment to show it among the deleted; after that it is gone already. */
  async purgeApplication(objectId: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (
        (await this.#requests.delete(`purge the application ${objectId}`, `/directory/deletedItems/${objectId}`)) ||
        attempt === purgeTries
      )
        return
      await this.#retryBudget.wait(purgePause, `the directory does not show ${objectId} among the deleted`)
    }
  }

  async servicePrincipalOf(clientId: string): Promise<ServicePrincipal | undefined> {
    return this.#servicePrincipalByClientId(clientId.toLowerCase())
  }

  async servicePrincipalByObjectId(objectId: string): Promise<ServicePrincipal | undefined> {
    const path = `/servicePrincipals/${objectId}`
    const found = await orUndefined(
      this.#requests.get<WireServicePrincipal>(`read the service principal ${objectId}`, path, {
        $select: principalFields
      })
    )
    return found && principal(found)
  }

  async servicePrincipalsNamed(displayName: string): Promise<ServicePrincipal[]> {
    return (await this.#principalsByName(displayName)) ?? []
  }

  /** Makes the service principal of an application, waiting until the directory has heard of the application; takes one that is there. */
  async createServicePrincipal(clientId: string): Promise<{ servicePrincipal: ServicePrincipal; created: boolean }> {
    const doing = `create the service principal of ${clientId}`
    const create = () =>
      translateErrors(
        graphErrorFormat,
        doing,
        async () =>
          (await this.#requests.sdk.api('/servicePrincipals').post({ appId: clientId })) as WireServicePrincipal
      )
    try {
      const made = await retryWhile(
        create,
        applicationNotYetKnown,
        `the directory does not know the application ${clientId} yet`,
        this.#retryBudget
      )
      return { servicePrincipal: principal(made), created: true }
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      const find = async (): Promise<ServicePrincipal> => {
        const existing = await this.servicePrincipalOf(clientId)
        if (existing === undefined) throw error
        return existing
      }
      const existing = await retryWhile(
        find,
        each => each === error,
        `Graph does not show the service principal of ${clientId} yet`,
        this.#retryBudget
      )
      return { servicePrincipal: existing, created: false }
    }
  }

  async credentials(applicationObjectId: string): Promise<FederatedIdentityCredential[]> {
    return (
      (await this.#credentials(applicationObjectId)) ??
      (
        await this.#requests.list<WireCredential>(
          `list the federated identity credentials of ${applicationObjectId}`,
          credentialsPath(applicationObjectId),
          {}
        )
      ).map(credential)
    )
  }

  /** Writes a credential under its name, new or not, in one request that can be sent again; waits for an application that was just made. */
  async upsertCredential(
    applicationObjectId: string,
    { name, issuer, subject, audiences }: FederatedIdentityCredential,
    description?: string
  ): Promise<void> {
    const path = `${credentialsPath(applicationObjectId)}(name=${encodeURIComponent(quoted(name))})`
    const write = () =>
      translateErrors(graphErrorFormat, `write the federated identity credential ${name}`, async () => {
        await this.#requests.sdk
          .api(path)
          .header('Prefer', 'create-if-missing')
          .patch({ issuer, subject, audiences, ...(description === undefined ? {} : { description }) })
      })
    await retryWhile(
      write,
      notYetThere,
      `the directory does not know the application ${applicationObjectId} yet`,
      this.#retryBudget
    )
  }

  /** False where it was gone already. */
  async deleteCredential(applicationObjectId: string, name: string): Promise<boolean> {
    return this.#requests.delete(
      `delete the federated identity credential ${name}`,
      `${credentialsPath(applicationObjectId)}/${encodeURIComponent(name)}`
    )
  }
}

/** Source: microsoftgraph/msgraph-bicep-types, issue 137. */
function isUniqueNameTaken(error: unknown): boolean {
  return (
    error instanceof ServiceError && error.status === 400 && /same value for property uniqueName/i.test(error.message)
  )
}

/** Source: Graph's documentation of `$filter`, "in", and of JSON batching. */
const mostInFilter = 15
const mostInBatch = 20

const among = (property: string, values: readonly string[]): string =>
  values.length === 1 && values[0] !== undefined
    ? `${property} eq ${quoted(values[0])}`
    : `${property} in (${values.map(quoted).join(', ')})`

/** Graph compares names without regard to case. */
function byName<T extends { readonly displayName: string }>(
  names: readonly string[],
  found: readonly T[]
): Map<string, T[]> {
  return new Map(
    names.map(name => [name, found.filter(({ displayName }) => displayName.toLowerCase() === name.toLowerCase())])
  )
}

const credentialsPath = (objectId: string): string => `/applications/${objectId}/federatedIdentityCredentials`

/** About ten seconds in all. */
const purgeTries = 5
const purgePause = 2500

const notYetThere = (error: unknown): boolean => isStatus(error, 404)

const applicationNotYetKnown = (error: unknown): boolean =>
  notYetThere(error) || (isStatus(error, 400) && /does not reference a valid application object/i.test(error.message))
