import { type Identity as SdkIdentity, ManagedServiceIdentityClient } from '@azure/arm-msi'
import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import { managedIdentityId, type ManagedIdentityReference } from '../../domain/azure-ids.js'
import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { isStatus, translateErrors, undefinedIfNotFound } from '../../net/service-error.js'
import { ManagedIdentityCredentialsClient } from './managed-identity-credentials.js'
import { armClientOptions, collect, deletedIfFound, managedIdentityErrorFormat } from './sdk.js'

/** A user-assigned managed identity. */
export interface ManagedIdentity {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly principalId: string
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
}

/** User-assigned managed identities, in Azure Resource Manager. Every method throws a ServiceError. */
export class ManagedIdentityClient {
  readonly credentials: ManagedIdentityCredentialsClient
  readonly #sdk: (subscriptionId: string) => ManagedServiceIdentityClient
  /** For each resource group, a function that looks up an identity by name. */
  readonly #lookUps = new Map<string, (name: string) => Promise<ManagedIdentity | undefined>>()

  constructor(cloud: Cloud, credential: TokenCredential, transport: HttpClient, retryBudget: RetryBudget) {
    this.#sdk = subscriptionId =>
      new ManagedServiceIdentityClient(credential, subscriptionId, armClientOptions(cloud, transport))
    this.credentials = new ManagedIdentityCredentialsClient(this.#sdk, retryBudget)
  }

  /** Reads one identity. Answers a large batch of look-ups in a resource group from one list, if the user may list it. */
  async identity({
    subscriptionId,
    resourceGroup,
    name
  }: ManagedIdentityReference): Promise<ManagedIdentity | undefined> {
    const group = `${subscriptionId}/${resourceGroup}`.toLowerCase()
    const lookUp =
      this.#lookUps.get(group) ??
      batched(Infinity, async (names: readonly string[]) => {
        const listed =
          names.length > maxSingleReads ? await this.#listGroupIfAllowed(subscriptionId, resourceGroup) : undefined
        return new Map(
          names.map(key => [
            key,
            listed === undefined
              ? this.#read({ subscriptionId, resourceGroup, name: key })
              : listed.get(key.toLowerCase())
          ])
        )
      })
    this.#lookUps.set(group, lookUp)
    return lookUp(name)
  }

  async #read(reference: ManagedIdentityReference): Promise<ManagedIdentity | undefined> {
    const { subscriptionId, resourceGroup, name } = reference
    return undefinedIfNotFound(
      translateErrors(
        managedIdentityErrorFormat,
        `read the managed identity ${managedIdentityId(reference)}`,
        async () => fromSdk(await this.#sdk(subscriptionId).userAssignedIdentities.get(resourceGroup, name))
      )
    )
  }

  /** Returns the identities by their names in lower case, or undefined if the group does not exist or the user may not list it. */
  async #listGroupIfAllowed(
    subscriptionId: string,
    resourceGroup: string
  ): Promise<Map<string, ManagedIdentity> | undefined> {
    try {
      const found = await translateErrors(
        managedIdentityErrorFormat,
        `list the managed identities of the resource group ${resourceGroup}`,
        () => collect(this.#sdk(subscriptionId).userAssignedIdentities.listByResourceGroup(resourceGroup), fromSdk)
      )
      return new Map(found.map(identity => [identity.name.toLowerCase(), identity]))
    } catch (error) {
      if (isStatus(error, 403, 404)) return undefined
      throw error
    }
  }

  /** Lists the identities of a subscription. Azure leaves out those that the user may not read. */
  async identitiesIn(subscriptionId: string): Promise<ManagedIdentity[]> {
    return translateErrors(
      managedIdentityErrorFormat,
      `list the managed identities of the subscription ${subscriptionId}`,
      () => collect(this.#sdk(subscriptionId).userAssignedIdentities.listBySubscription(), fromSdk)
    )
  }

  /**
   * Creates an identity. The request is idempotent: of two runs at once, one creates the identity and both get it. It replaces the tags of
   * an existing identity, so callers look it up first.
   */
  async createIdentity(
    reference: ManagedIdentityReference,
    location: string,
    tags: Readonly<Record<string, string>>
  ): Promise<{ identity: ManagedIdentity; created: boolean }> {
    const { subscriptionId, resourceGroup, name } = reference
    let status = 0
    const onResponse = (response: { status: number }): void => {
      status = response.status
    }
    const identity = await translateErrors(
      managedIdentityErrorFormat,
      `create the managed identity ${managedIdentityId(reference)}`,
      () =>
        this.#sdk(subscriptionId).userAssignedIdentities.createOrUpdate(
          resourceGroup,
          name,
          { location, tags: { ...tags } },
          { onResponse }
        )
    )
    return { identity: fromSdk(identity), created: status === 201 }
  }

  /** Deletes an identity with its credentials. Returns false if it does not exist. */
  async deleteIdentity(reference: ManagedIdentityReference): Promise<boolean> {
    const { subscriptionId, resourceGroup, name } = reference
    return deletedIfFound(options =>
      translateErrors(managedIdentityErrorFormat, `delete the managed identity ${managedIdentityId(reference)}`, () =>
        this.#sdk(subscriptionId).userAssignedIdentities.delete(resourceGroup, name, options)
      )
    )
  }
}

/** Reads a batch of up to this size one by one. */
const maxSingleReads = 3

function fromSdk({
  id = '',
  name = '',
  clientId = '',
  principalId = '',
  location,
  tags = {}
}: SdkIdentity): ManagedIdentity {
  return { id, name, clientId, principalId, location, tags }
}
