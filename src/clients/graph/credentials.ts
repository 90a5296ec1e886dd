import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { batched } from '../../net/batch.js'
import type { RetryBudget } from '../../net/retry-budget.js'
import { retryWhile } from '../../net/retry.js'
import { isStatus } from '../../net/service-error.js'
import { quoted } from '../odata.js'
import { type GraphRequests, maxBatchRequests } from './requests.js'

/**
 * A credential as Graph sends it. A flexible credential has an expression that subjects must match (`claimsMatchingExpression`), and no
 * subject.
 */
type GraphCredential = Pick<FederatedIdentityCredential, 'name' | 'issuer' | 'audiences'> & {
  readonly subject?: string | null
}

/** The federated identity credentials of applications. Lists that callers start at the same time share one request. */
export class ApplicationCredentialsClient {
  readonly #requests: GraphRequests
  readonly #retryBudget: RetryBudget

  readonly #listed = batched(maxBatchRequests, async (objectIds: readonly string[]) => {
    if (objectIds.length === 1) return new Map<string, FederatedIdentityCredential[]>()
    const found = await this.#requests.listMany<GraphCredential>(
      'list federated identity credentials',
      objectIds.map(pathOf)
    )
    return new Map(
      objectIds.flatMap(id => {
        const credentials = found.get(pathOf(id))
        return credentials === undefined ? [] : [[id, credentials.map(fromGraph)] as const]
      })
    )
  })

  constructor(requests: GraphRequests, retryBudget: RetryBudget) {
    this.#requests = requests
    this.#retryBudget = retryBudget
  }

  /** Returns every credential of an application. A flexible credential has an empty subject. */
  async list(applicationObjectId: string): Promise<FederatedIdentityCredential[]> {
    const listed = await this.#listed(applicationObjectId)
    if (listed !== undefined) return listed
    const found = await this.#requests.list<GraphCredential>(
      `list the federated identity credentials of ${applicationObjectId}`,
      pathOf(applicationObjectId),
      {}
    )
    return found.map(fromGraph)
  }

  /** Creates or replaces the credential with this name. The request is idempotent. Retries until the directory shows a new application. */
  async upsert(
    applicationObjectId: string,
    { name, issuer, subject, audiences }: FederatedIdentityCredential,
    description?: string
  ): Promise<void> {
    const path = `${pathOf(applicationObjectId)}(name=${encodeURIComponent(quoted(name))})`
    await retryWhile(
      () =>
        this.#requests.createIfMissing(`write the federated identity credential ${name}`, path, {
          issuer,
          subject,
          audiences,
          ...(description === undefined ? {} : { description })
        }),
      error => isStatus(error, 404),
      `the directory does not know the application ${applicationObjectId} yet`,
      this.#retryBudget
    )
  }

  /** Deletes the credential with this name. Returns false if it does not exist. */
  async delete(applicationObjectId: string, name: string): Promise<boolean> {
    return this.#requests.delete(
      `delete the federated identity credential ${name}`,
      `${pathOf(applicationObjectId)}/${encodeURIComponent(name)}`
    )
  }
}

const pathOf = (applicationObjectId: string): string =>
  `/applications/${applicationObjectId}/federatedIdentityCredentials`

const fromGraph = ({ name, issuer, subject, audiences }: GraphCredential): FederatedIdentityCredential => ({
  name,
  issuer,
  subject: subject ?? '',
  audiences
})
