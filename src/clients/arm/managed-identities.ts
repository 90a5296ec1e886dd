import { type Identity as SdkIdentity, ManagedServiceIdentityClient } from '@azure/arm-msi'
import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import type { Cloud } from '../../config/clouds.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { managedIdentityId, type ManagedIdentityReference } from '../../domain/azure-ids.js'
import { armClientOptions, armErrorFormat } from './sdk.js'
import { serializeByKey } from '../../async.js'
import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, undefinedIfNotFound, translateErrors } from '../../net/service-error.js'

export interface ManagedIdentity {
  readonly id: string
  readonly name: string
  readonly clientId: string
  readonly principalId: string
  readonly location: string
  readonly tags: Readonly<Record<string, string>>
}

/** Tells why ARM refuses what only someone else may do. */
const errorFormat = {
  ...armErrorFormat,
  hints: {
    ...armErrorFormat.hints,
    403: 'managed identities take the role Managed Identity Contributor on their resource group'
  }
}

/** User-assigned managed identities and their federated identity credentials, over Azure Resource Manager. */
export class ManagedIdentityClient {
  readonly #sdk: (subscriptionId: string) => ManagedServiceIdentityClient
  readonly #retryBudget: RetryBudget
  readonly #inTurn = serializeByKey()
  /** For each resource group, the look-up of one of it by its name. */
  readonly #inGroup = new Map<string, (name: string) => Promise<ManagedIdentity | undefined>>()

  constructor(cloud: Cloud, credential: TokenCredential, transport: HttpClient, retryBudget: RetryBudget) {
    this.#sdk = subscriptionId =>
      new ManagedServiceIdentityClient(credential, subscriptionId, armClientOptions(cloud, transport))
    this.#retryBudget = retryBudget
  }

  /** Many of one resource group at once are served by one list of it, where that is allowed. */
  async identity({
    subscriptionId,
    resourceGroup,
    name
  }: ManagedIdentityReference): Promise<ManagedIdentity | undefined> {
    const group = `${subscriptionId}/${resourceGroup}`.toLowerCase()
    const lookUp =
      this.#inGroup.get(group) ??
      batched(Infinity, async (names: readonly string[]) => {
        const listed =
          names.length > fewIdentities ? await this.#identitiesInGroup(subscriptionId, resourceGroup) : undefined
        return new Map(
          names.map(each => [
            each,
            listed === undefined
              ? this.#read({ subscriptionId, resourceGroup, name: each })
              : listed.get(each.toLowerCase())
          ])
        )
      })
    this.#inGroup.set(group, lookUp)
    return lookUp(name)
  }

  async #read(reference: ManagedIdentityReference): Promise<ManagedIdentity | undefined> {
    const { subscriptionId, resourceGroup, name } = reference
    return undefinedIfNotFound(
      translateErrors(errorFormat, `read the managed identity ${managedIdentityId(reference)}`, async () =>
        managedIdentity(await this.#sdk(subscriptionId).userAssignedIdentities.get(resourceGroup, name))
      )
    )
  }

  /** By their names in lower case. Undefined where the group is not there, or its list is not allowed. */
  async #identitiesInGroup(
    subscriptionId: string,
    resourceGroup: string
  ): Promise<Map<string, ManagedIdentity> | undefined> {
    try {
      return await translateErrors(
        errorFormat,
        `list the managed identities of the resource group ${resourceGroup}`,
        async () => {
          const found = new Map<string, ManagedIdentity>()
          for await (const each of this.#sdk(subscriptionId).userAssignedIdentities.listByResourceGroup(resourceGroup))
            found.set((each.name ?? '').toLowerCase(), managedIdentity(each))
          return found
        }
      )
    } catch (error) {
      if (isStatus(error, 403, 404)) return undefined
      throw error
    }
  }

  /** Every one of a subscription, as far as whoever asks may see them. */
  async identitiesIn(subscriptionId: string): Promise<ManagedIdentity[]> {
    return translateErrors(
      errorFormat,
      `list the managed identities of the subscription ${subscriptionId}`,
      async () => {
        const found: ManagedIdentity[] = []
        for await (const each of this.#sdk(subscriptionId).userAssignedIdentities.listBySubscription())
          found.push(managedIdentity(each))
        return found
      }
    )
  }

  /** PUT is an upsert: of two runs at once one makes it, and both get it. An existing one would lose its other tags, so look first. */
  async createIdentity(
    reference: ManagedIdentityReference,
    location: string,
    tags: Readonly<Record<string, string>>
  ): Promise<{ identity: ManagedIdentity; created: boolean }> {
    const { subscriptionId, resourceGroup, name } = reference
    let status = 0
    const identity = await translateErrors(
      errorFormat,
      `create the managed identity ${managedIdentityId(reference)}`,
      async () =>
        managedIdentity(
          await this.#sdk(subscriptionId).userAssignedIdentities.createOrUpdate(
            resourceGroup,
            name,
            { location, tags: { ...tags } },
            {
              onResponse: response => {
                status = response.status
              }
            }
          )
        )
    )
    return { identity, created: status === 201 }
  }

  /** False where it was gone already. It takes its credentials along. */
  async deleteIdentity(reference: ManagedIdentityReference): Promise<boolean> {
    const { subscriptionId, resourceGroup, name } = reference
    let status = 0
    await undefinedIfNotFound(
      translateErrors(errorFormat, `delete the managed identity ${managedIdentityId(reference)}`, () =>
        this.#sdk(subscriptionId).userAssignedIdentities.delete(resourceGroup, name, {
          onResponse: response => {
            status = response.status
          }
        })
      )
    )
    return status === 200
  }

  async credentials(reference: ManagedIdentityReference): Promise<FederatedIdentityCredential[]> {
    const { subscriptionId, resourceGroup, name } = reference
    return translateErrors(
      errorFormat,
      `list the federated identity credentials of ${managedIdentityId(reference)}`,
      async () => {
        const found: FederatedIdentityCredential[] = []
        for await (const credential of this.#sdk(subscriptionId).federatedIdentityCredentials.list(
          resourceGroup,
          name
        )) {
          const { name: credentialName = '', issuer = '', subject = '', audiences = [] } = credential
          found.push({ name: credentialName, issuer, subject, audiences })
        }
        return found
      }
    )
  }

  /** The same, where the identity is known to be there and its credentials not yet. */
  async credentialsOfNew(reference: ManagedIdentityReference): Promise<FederatedIdentityCredential[]> {
    return retryWhile(
      () => this.credentials(reference),
      passing,
      `the managed identity ${reference.name} does not show its credentials yet`,
      this.#retryBudget
    )
  }

  /** Writes under one identity take turns, since Azure refuses them side by side; an identity that was just made is waited for. */
  async writeCredential(reference: ManagedIdentityReference, credential: FederatedIdentityCredential): Promise<void> {
    const { subscriptionId, resourceGroup, name } = reference
    const { issuer, subject, audiences } = credential
    const write = () =>
      translateErrors(errorFormat, `write the federated identity credential ${credential.name}`, async () => {
        await this.#sdk(subscriptionId).federatedIdentityCredentials.createOrUpdate(
          resourceGroup,
          name,
          credential.name,
          { issuer, subject, audiences: [...audiences] }
        )
      })
    await this.#inTurn(managedIdentityId(reference).toLowerCase(), () =>
      retryWhile(write, passing, `the managed identity ${name} cannot take a credential yet`, this.#retryBudget)
    )
  }

  /** False where it was gone already. */
  async deleteCredential(reference: ManagedIdentityReference, credentialName: string): Promise<boolean> {
    const { subscriptionId, resourceGroup, name } = reference
    let status = 0
    const remove = () =>
      undefinedIfNotFound(
        translateErrors(errorFormat, `delete the federated identity credential ${credentialName}`, () =>
          this.#sdk(subscriptionId).federatedIdentityCredentials.delete(resourceGroup, name, credentialName, {
            onResponse: response => {
              status = response.status
            }
          })
        )
      )
    await this.#inTurn(managedIdentityId(reference).toLowerCase(), () =>
      retryWhile(
        remove,
        isConcurrentWrite,
        `another write is under way at the managed identity ${name}`,
        this.#retryBudget
      )
    )
    return status === 200
  }
}

/** Up to so many are read one by one. */
const fewIdentities = 3

/** Source: Entra's documentation, "important considerations and restrictions for federated identity credentials". */
function isConcurrentWrite(error: unknown): boolean {
  return isStatus(error, 409) && error.code === 'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity'
}

const passing = (error: unknown): boolean =>
  isConcurrentWrite(error) || (isStatus(error, 404) && error.code === 'ParentResourceNotFound')

function managedIdentity({
  id = '',
  name = '',
  clientId = '',
  principalId = '',
  location,
  tags = {}
}: SdkIdentity): ManagedIdentity {
  return { id, name, clientId, principalId, location, tags }
}
