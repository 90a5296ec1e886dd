import type { FederatedIdentityCredential as SdkCredential, ManagedServiceIdentityClient } from '@azure/arm-msi'
import { serializeByKey } from '../../async.js'
import { managedIdentityId, type ManagedIdentityReference } from '../../domain/azure-ids.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus, translateErrors } from '../../net/service-error.js'
import { collect, deletedIfFound, managedIdentityErrorFormat } from './sdk.js'

/** The federated identity credentials of user-assigned managed identities. Every method throws a ServiceError. */
export class ManagedIdentityCredentialsClient {
  readonly #sdk: (subscriptionId: string) => ManagedServiceIdentityClient
  readonly #retryBudget: RetryBudget
  /** Azure refuses concurrent writes to the credentials of one identity. */
  readonly #serializeWrites = serializeByKey()

  constructor(sdk: (subscriptionId: string) => ManagedServiceIdentityClient, retryBudget: RetryBudget) {
    this.#sdk = sdk
    this.#retryBudget = retryBudget
  }

  async list(reference: ManagedIdentityReference): Promise<FederatedIdentityCredential[]> {
    const { subscriptionId, resourceGroup, name } = reference
    return translateErrors(
      managedIdentityErrorFormat,
      `list the federated identity credentials of ${managedIdentityId(reference)}`,
      () =>
        collect(
          this.#sdk(subscriptionId).federatedIdentityCredentials.list(resourceGroup, name),
          // A flexible credential has no subject: Azure sends null, which the SDK's types do not allow for.
          ({ name: credentialName, issuer, subject, audiences }: Nullable<SdkCredential>) => ({
            name: credentialName ?? '',
            issuer: issuer ?? '',
            subject: subject ?? '',
            audiences: audiences ?? []
          })
        )
    )
  }

  /** Like `list`, for an identity that was just created: retries until Azure shows its credentials. */
  async listOfNew(reference: ManagedIdentityReference): Promise<FederatedIdentityCredential[]> {
    return retryWhile(
      () => this.list(reference),
      isTransient,
      `the managed identity ${reference.name} does not show its credentials yet`,
      this.#retryBudget
    )
  }

  /** Creates or replaces the credential with this name. Retries until Azure shows an identity that was just created. */
  async upsert(reference: ManagedIdentityReference, credential: FederatedIdentityCredential): Promise<void> {
    const { subscriptionId, resourceGroup, name } = reference
    const { issuer, subject, audiences } = credential
    const write = () =>
      translateErrors(managedIdentityErrorFormat, `write the federated identity credential ${credential.name}`, () =>
        this.#sdk(subscriptionId).federatedIdentityCredentials.createOrUpdate(resourceGroup, name, credential.name, {
          issuer,
          subject,
          audiences: [...audiences]
        })
      )
    await this.#serializeWrites(managedIdentityId(reference).toLowerCase(), () =>
      retryWhile(write, isTransient, `the managed identity ${name} cannot take a credential yet`, this.#retryBudget)
    )
  }

  /** Deletes the credential with this name. Returns false if it does not exist. */
  async delete(reference: ManagedIdentityReference, credentialName: string): Promise<boolean> {
    const { subscriptionId, resourceGroup, name } = reference
    const remove = () =>
      deletedIfFound(options =>
        translateErrors(managedIdentityErrorFormat, `delete the federated identity credential ${credentialName}`, () =>
          this.#sdk(subscriptionId).federatedIdentityCredentials.delete(resourceGroup, name, credentialName, options)
        )
      )
    return this.#serializeWrites(managedIdentityId(reference).toLowerCase(), () =>
      retryWhile(
        remove,
        isConcurrentWrite,
        `another write is under way at the managed identity ${name}`,
        this.#retryBudget
      )
    )
  }
}

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null }

/** Source: Entra's documentation, "important considerations and restrictions for federated identity credentials". */
function isConcurrentWrite(error: unknown): boolean {
  return isStatus(error, 409) && error.code === 'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity'
}

const isTransient = (error: unknown): boolean =>
  isConcurrentWrite(error) || (isStatus(error, 404) && error.code === 'ParentResourceNotFound')
