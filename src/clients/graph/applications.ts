import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, ServiceError } from '../../net/service-error.js'
import { equalsAny, quoted } from '../odata.js'
import { byName, type GraphRequests, maxBatchRequests, maxFilterValues } from './requests.js'

/** An Entra application. */
export interface Application {
  readonly objectId: string
  readonly clientId: string
  readonly displayName: string
  readonly createdDateTime: string
  readonly tags: readonly string[]
}

/** What people can add to an application. azwi itself adds none of it. */
export interface ApplicationAdditions {
  readonly clientSecrets: number
  readonly certificates: number
  readonly redirectUris: readonly string[]
  readonly identifierUris: readonly string[]
}

/** A user or a service principal that owns a directory object. */
export interface DirectoryOwner {
  /** The object ID. */
  readonly id: string
  readonly displayName?: string | null
}

export interface DeletedApplication {
  readonly objectId: string
  readonly displayName: string
  /** As Graph writes it: ISO 8601. */
  readonly deletedDateTime: string
}

/** A soft-deleted application that has a unique name. */
export interface DeletedNamedApplication {
  readonly objectId: string
  readonly tags: readonly string[]
}

/** The properties of an application to create. */
export interface NewApplication {
  readonly displayName: string
  readonly uniqueName: string
  readonly tags: readonly string[]
}

/** An application as Graph sends it. */
interface GraphApplication {
  id: string
  appId: string
  displayName: string
  createdDateTime: string
  tags: string[]
}

interface GraphAdditions {
  passwordCredentials?: unknown[] | null
  keyCredentials?: unknown[] | null
  identifierUris?: string[] | null
  web?: Platform | null
  spa?: Platform | null
  publicClient?: Platform | null
}
interface Platform {
  redirectUris?: string[] | null
}

const selectedFields = 'id,appId,displayName,createdDateTime,tags'
const deletedApplicationsPath = '/directory/deletedItems/microsoft.graph.application'

/** Entra applications. Look-ups that callers start at the same time share one request. */
export class ApplicationsClient {
  readonly #requests: GraphRequests
  readonly #retryBudget: RetryBudget

  readonly #byName = batched(maxFilterValues, async (names: readonly string[]) =>
    byName(names, await this.#list(`look up the application named "${names.join('", "')}"`, 'displayName', names))
  )

  readonly #byClientId = batched(maxFilterValues, async (clientIds: readonly string[]) => {
    const found = await this.#list(`look up the application with client id ${clientIds.join(', ')}`, 'appId', clientIds)
    return new Map(found.map(application => [application.clientId.toLowerCase(), application]))
  })

  readonly #byUniqueName = batched(maxBatchRequests, async (uniqueNames: readonly string[]) => {
    const operation = `look up the application with the unique name ${uniqueNames.join(', ')}`
    const paths = uniqueNames.map(uniqueNamePath)
    const found =
      paths.length === 1
        ? new Map<string, GraphApplication | null>()
        : await this.#requests.findMany<GraphApplication>(
            operation,
            paths.map(path => `${path}?$select=${selectedFields}`)
          )
    return new Map(
      uniqueNames.map(uniqueName => {
        const path = uniqueNamePath(uniqueName)
        const known = found.get(`${path}?$select=${selectedFields}`)
        const application =
          known === undefined
            ? this.#requests.find<GraphApplication>(operation, path, { $select: selectedFields })
            : Promise.resolve(known ?? undefined)
        return [uniqueName, application.then(value => value && fromGraph(value))] as const
      })
    )
  })

  constructor(requests: GraphRequests, retryBudget: RetryBudget) {
    this.#requests = requests
    this.#retryBudget = retryBudget
  }

  /** Returns every application with this display name. Display names are not unique. */
  async named(displayName: string): Promise<Application[]> {
    return (await this.#byName(displayName)) ?? []
  }

  /** Lists the applications with this tag, in pages of 999. Anyone who may write an application can tag it. */
  async tagged(tag: string): Promise<Application[]> {
    const found = await this.#requests.list<GraphApplication>(
      `list the applications with the tag ${tag}`,
      '/applications',
      { $filter: `tags/any(tag:tag eq ${quoted(tag)})`, $select: selectedFields, $top: '999' }
    )
    return found.map(fromGraph)
  }

  /** Returns the application with this unique name, under whatever display name. */
  async byUniqueName(uniqueName: string): Promise<Application | undefined> {
    return this.#byUniqueName(uniqueName)
  }

  async byObjectId(objectId: string): Promise<Application | undefined> {
    const found = await this.#requests.find<GraphApplication>(
      `read the application ${objectId}`,
      `/applications/${objectId}`,
      { $select: selectedFields }
    )
    return found && fromGraph(found)
  }

  async byClientId(clientId: string): Promise<Application | undefined> {
    return this.#byClientId(clientId.toLowerCase())
  }

  /**
   * Creates the application, or returns the existing one with this `uniqueName`. The request is idempotent: of two runs at once, one
   * creates the application and both get it. Returns undefined if a deleted application still holds the name. Entra reserves the name for
   * 30 days after the deletion.
   */
  async upsert({
    displayName,
    uniqueName,
    tags
  }: NewApplication): Promise<{ application: Application; created: boolean } | undefined> {
    const path = uniqueNamePath(uniqueName)
    let response: GraphApplication | undefined
    try {
      response = await this.#requests.createIfMissing<GraphApplication>(
        `create the application "${displayName}"`,
        path,
        {
          displayName,
          tags,
          signInAudience: 'AzureADMyOrg'
        }
      )
    } catch (error) {
      if (isUniqueNameTaken(error)) return undefined
      throw error
    }
    if (response?.appId !== undefined) return { application: fromGraph(response), created: true }
    const existing = await retryWhile(
      () =>
        this.#requests.get<GraphApplication>(`read the application "${displayName}"`, path, {
          $select: selectedFields
        }),
      error => isStatus(error, 404),
      `Graph does not show the application "${displayName}" yet`,
      this.#retryBudget
    )
    return { application: fromGraph(existing), created: false }
  }

  /** Reads what people have added to an application. Resolves to undefined if it does not exist. */
  async additions(objectId: string): Promise<ApplicationAdditions | undefined> {
    const found = await this.#requests.find<GraphAdditions>(
      `read the secrets and URIs of the application ${objectId}`,
      `/applications/${objectId}`,
      { $select: 'id,appId,passwordCredentials,keyCredentials,identifierUris,web,spa,publicClient' }
    )
    if (found === undefined) return undefined
    const { passwordCredentials, keyCredentials, identifierUris, web, spa, publicClient } = found
    return {
      clientSecrets: passwordCredentials?.length ?? 0,
      certificates: keyCredentials?.length ?? 0,
      redirectUris: [web, spa, publicClient].flatMap(platform => platform?.redirectUris ?? []),
      identifierUris: identifierUris ?? []
    }
  }

  /** Lists the owners of an application. */
  async owners(objectId: string): Promise<DirectoryOwner[]> {
    return this.#requests.list<DirectoryOwner>(
      `list the owners of the application ${objectId}`,
      `/applications/${objectId}/owners`,
      { $select: 'id,displayName' }
    )
  }

  /** Soft-deletes an application, its service principal and its credentials. Entra keeps them for 30 days. Returns false if it does not exist. */
  async delete(objectId: string): Promise<boolean> {
    return this.#requests.delete(`delete the application ${objectId}`, `/applications/${objectId}`)
  }

  /**
   * Deletes a soft-deleted application permanently. Retries for about ten seconds, because a directory might not list a new deletion at
   * once. After that, it assumes that the application is already purged.
   */
  async purge(objectId: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (
        (await this.#requests.delete(`purge the application ${objectId}`, `/directory/deletedItems/${objectId}`)) ||
        attempt === purgeAttempts
      )
        return
      await this.#retryBudget.wait(purgeDelay, `the directory does not show ${objectId} among the deleted`)
    }
  }

  /** Returns the soft-deleted applications with this display name, by their `uniqueName`. */
  async deletedNamed(displayName: string): Promise<Map<string, DeletedNamedApplication>> {
    const found = await this.#requests.listDeleted<{ id: string; uniqueName?: string | null; tags?: string[] | null }>(
      `look up deleted applications named "${displayName}"`,
      deletedApplicationsPath,
      `displayName eq ${quoted(displayName)}`,
      'id,uniqueName,tags'
    )
    return new Map(
      found.flatMap(({ id, uniqueName, tags }) =>
        uniqueName ? [[uniqueName, { objectId: id, tags: tags ?? [] }] as const] : []
      )
    )
  }

  /** Returns the soft-deleted application that had this client ID. */
  async deletedByClientId(clientId: string): Promise<DeletedApplication | undefined> {
    const [found] = await this.#requests.listDeleted<GraphApplication & { deletedDateTime: string }>(
      `look up the deleted application with client id ${clientId}`,
      deletedApplicationsPath,
      `appId eq ${quoted(clientId)}`,
      'id,displayName,deletedDateTime'
    )
    return found && { objectId: found.id, displayName: found.displayName, deletedDateTime: found.deletedDateTime }
  }

  async #list(operation: string, property: string, values: readonly string[]): Promise<Application[]> {
    const found = await this.#requests.list<GraphApplication>(operation, '/applications', {
      $filter: equalsAny(property, values),
      $select: selectedFields
    })
    return found.map(fromGraph)
  }
}

const uniqueNamePath = (uniqueName: string): string =>
  `/applications(uniqueName=${encodeURIComponent(quoted(uniqueName))})`

const fromGraph = ({ id, appId, displayName, createdDateTime, tags }: GraphApplication): Application => ({
  objectId: id,
  clientId: appId,
  displayName,
  createdDateTime,
  tags
})

/** Source: microsoftgraph/msgraph-bicep-types, issue 137. */
function isUniqueNameTaken(error: unknown): boolean {
  return (
    error instanceof ServiceError && error.status === 400 && /same value for property uniqueName/i.test(error.message)
  )
}

/** About ten seconds in all. */
const purgeAttempts = 5
const purgeDelay = 2500
