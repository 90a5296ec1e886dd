import { parseManagedIdentityId } from '../../domain/azure-ids.js'
import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, undefinedIfNotFound } from '../../net/service-error.js'
import { equalsAny, quoted } from '../odata.js'
import type { DirectoryOwner } from './applications.js'
import { byName, type GraphRequests, maxFilterValues } from './requests.js'

/** The service principal of an application or a managed identity. */
export interface ServicePrincipal {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly tags: readonly string[]
  /** Entra issues tokens only to an enabled service principal. */
  readonly enabled: boolean
  /** The resource ID, if this is the service principal of a user-assigned managed identity. */
  readonly managedIdentityId?: string
}

/** The numbers of secrets and certificates of a service principal itself. Those of its application give the same access. */
export interface PrincipalSecrets {
  readonly clientSecrets: number
  readonly certificates: number
}

/** Who can act as a service principal, apart from those who control its application. */
export interface PrincipalControl extends PrincipalSecrets {
  readonly owners: readonly DirectoryOwner[]
}

/** A service principal as Graph sends it. */
interface GraphServicePrincipal {
  id: string
  appId: string
  displayName: string
  tags: string[]
  alternativeNames?: string[]
  accountEnabled?: boolean
}

const selectedFields = 'id,appId,displayName,tags,alternativeNames,accountEnabled'

/** Service principals of applications and of managed identities. Look-ups that callers start at the same time share one request. */
export class ServicePrincipalsClient {
  readonly #requests: GraphRequests
  readonly #retryBudget: RetryBudget

  readonly #byName = batched(maxFilterValues, async (names: readonly string[]) =>
    byName(names, await this.#list(`look up the service principal named "${names.join('", "')}"`, 'displayName', names))
  )

  readonly #byClientId = batched(maxFilterValues, async (clientIds: readonly string[]) => {
    const found = await this.#list(`look up the service principal of ${clientIds.join(', ')}`, 'appId', clientIds)
    return new Map(found.map(principal => [principal.clientId.toLowerCase(), principal]))
  })

  constructor(requests: GraphRequests, retryBudget: RetryBudget) {
    this.#requests = requests
    this.#retryBudget = retryBudget
  }

  /** Returns every service principal with this display name. Display names are not unique. */
  async named(displayName: string): Promise<ServicePrincipal[]> {
    return (await this.#byName(displayName)) ?? []
  }

  async byObjectId(objectId: string): Promise<ServicePrincipal | undefined> {
    const found = await this.#requests.find<GraphServicePrincipal>(
      `read the service principal ${objectId}`,
      `/servicePrincipals/${objectId}`,
      { $select: selectedFields }
    )
    return found && fromGraph(found)
  }

  async byClientId(clientId: string): Promise<ServicePrincipal | undefined> {
    return this.#byClientId(clientId.toLowerCase())
  }

  /** Creates the service principal of an application, or returns the existing one. Retries until the directory shows a new application. */
  async create(clientId: string): Promise<{ servicePrincipal: ServicePrincipal; created: boolean }> {
    try {
      const created = await retryWhile(
        () =>
          this.#requests.post<GraphServicePrincipal>(
            `create the service principal of ${clientId}`,
            '/servicePrincipals',
            { appId: clientId }
          ),
        isUnknownApplication,
        `the directory does not know the application ${clientId} yet`,
        this.#retryBudget
      )
      return { servicePrincipal: fromGraph(created), created: true }
    } catch (error) {
      if (!isStatus(error, 409)) throw error
      const find = async (): Promise<ServicePrincipal> => {
        const existing = await this.byClientId(clientId)
        if (existing === undefined) throw error
        return existing
      }
      const existing = await retryWhile(
        find,
        thrown => thrown === error,
        `Graph does not show the service principal of ${clientId} yet`,
        this.#retryBudget
      )
      return { servicePrincipal: existing, created: false }
    }
  }

  /** Reads the owners of a service principal, and how many secrets and certificates of its own it has. Resolves to undefined if it does not exist. */
  async control(objectId: string): Promise<PrincipalControl | undefined> {
    const [owners, secrets] = await Promise.all([
      undefinedIfNotFound(
        this.#requests.list<DirectoryOwner>(
          `list the owners of the service principal ${objectId}`,
          `/servicePrincipals/${objectId}/owners`,
          { $select: 'id,displayName' }
        )
      ),
      this.secrets(objectId)
    ])
    return owners === undefined || secrets === undefined ? undefined : { owners, ...secrets }
  }

  /** Counts the secrets and certificates of a service principal itself. Resolves to undefined if it does not exist. */
  async secrets(objectId: string): Promise<PrincipalSecrets | undefined> {
    const found = await this.#requests.find<{
      passwordCredentials?: unknown[] | null
      keyCredentials?: unknown[] | null
    }>(`read the secrets of the service principal ${objectId}`, `/servicePrincipals/${objectId}`, {
      $select: 'id,appId,passwordCredentials,keyCredentials'
    })
    return (
      found && {
        clientSecrets: found.passwordCredentials?.length ?? 0,
        certificates: found.keyCredentials?.length ?? 0
      }
    )
  }

  /** Returns the object ID of the soft-deleted service principal that had this client ID. */
  async deletedObjectId(clientId: string): Promise<string | undefined> {
    const [found] = await this.#requests.listDeleted<{ id: string }>(
      `look up the deleted service principal of ${clientId}`,
      '/directory/deletedItems/microsoft.graph.servicePrincipal',
      `appId eq ${quoted(clientId)}`,
      'id'
    )
    return found?.id
  }

  async #list(operation: string, property: string, values: readonly string[]): Promise<ServicePrincipal[]> {
    const found = await this.#requests.list<GraphServicePrincipal>(operation, '/servicePrincipals', {
      $filter: equalsAny(property, values),
      $select: selectedFields
    })
    return found.map(fromGraph)
  }
}

/** Source of the alternative name: Entra's documentation of managed identities, and recorded answers. */
function fromGraph({
  id,
  appId,
  displayName,
  tags,
  alternativeNames = [],
  accountEnabled = true
}: GraphServicePrincipal): ServicePrincipal {
  const managedIdentityId = alternativeNames.find(name => parseManagedIdentityId(name) !== undefined)
  return {
    objectId: id,
    clientId: appId,
    displayName,
    tags,
    enabled: accountEnabled,
    ...(managedIdentityId === undefined ? {} : { managedIdentityId })
  }
}

const isUnknownApplication = (error: unknown): boolean =>
  isStatus(error, 404) || (isStatus(error, 400) && /does not reference a valid application object/i.test(error.message))
