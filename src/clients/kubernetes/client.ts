import type { V1ServiceAccount } from '@kubernetes/client-node'
import { issuerDocumentTypes } from '../../domain/issuer.js'
import { AzwiError } from '../../errors.js'
import { batched } from '../../net/batch.js'
import type { KubernetesRequests } from './requests.js'
import { isStatus } from '../../net/service-error.js'

/** A service account as the API server sends it: its times are strings. */
export type ServiceAccount = Omit<V1ServiceAccount, 'metadata'> & {
  readonly metadata?: Metadata & { readonly managedFields?: readonly ManagedFields[] }
}
type Metadata = Omit<V1ServiceAccount['metadata'] & object, 'creationTimestamp' | 'deletionTimestamp' | 'managedFields'>

/** The fields of an object that one manager has set. Source: Kubernetes API reference, ManagedFieldsEntry. */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly fieldsV1?: object
}

/** The namespace and name of a service account. */
export interface ServiceAccountKey {
  readonly namespace: string
  readonly name: string
}

/** The fields that azwi applies to a service account. It leaves all others to their owners. */
interface ServiceAccountMarks {
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** The field manager of azwi, for server-side apply. */
const fieldManager = 'azwi'

/** Reads and writes the service accounts of one cluster, and reads its issuer. Every method throws a ServiceError. */
export class KubernetesClient {
  readonly #requests: KubernetesRequests
  /** The list that the first large batch read. Small batches do not use it. */
  #allAccounts: Promise<ServiceAccount[] | undefined> | undefined
  readonly #namespaces = new Map<string, Promise<boolean | undefined>>()
  /** The API server's address, for messages. */
  readonly server: string

  constructor(requests: KubernetesRequests) {
    this.#requests = requests
    this.server = requests.server
  }

  async serviceAccount({ namespace, name }: ServiceAccountKey): Promise<ServiceAccount | undefined> {
    return this.#serviceAccount(`${namespace}/${name}`)
  }

  /** Answers a large batch from one list of the whole cluster, if the user may list it. */
  readonly #serviceAccount = batched(
    Infinity,
    async (keys: readonly string[]): Promise<Map<string, ServiceAccount | Promise<ServiceAccount | undefined>>> => {
      const listed = keys.length > maxSingleReads ? await (this.#allAccounts ??= this.#listIfAllowed()) : undefined
      if (listed === undefined) return new Map(keys.map(key => [key, this.#read(key)]))
      return new Map(
        listed.map(account => [`${account.metadata?.namespace ?? ''}/${account.metadata?.name ?? ''}`, account])
      )
    }
  )

  async #read(key: string): Promise<ServiceAccount | undefined> {
    const [namespace = '', name = ''] = key.split('/')
    return this.#requests.find(`read the service account ${key}`, pathOf({ namespace, name }))
  }

  /** Returns undefined if the user may not list service accounts. */
  async #listIfAllowed(): Promise<ServiceAccount[] | undefined> {
    try {
      return await this.serviceAccounts()
    } catch (error) {
      if (isStatus(error, 403)) return undefined
      throw error
    }
  }

  /** Lists the service accounts of a namespace, or of the whole cluster. */
  async serviceAccounts(namespace?: string): Promise<ServiceAccount[]> {
    if (namespace === undefined) return this.#requests.list('list the service accounts', '/api/v1/serviceaccounts')
    return this.#requests.list(
      `list the service accounts of the namespace ${namespace}`,
      `/api/v1/namespaces/${namespace}/serviceaccounts`
    )
  }

  /** Reports whether a namespace exists, or returns undefined if the user may not read it. Caches the result. */
  async hasNamespace(name: string): Promise<boolean | undefined> {
    const cached = this.#namespaces.get(name) ?? this.#lookUpNamespace(name)
    this.#namespaces.set(name, cached)
    return cached
  }

  async #lookUpNamespace(name: string): Promise<boolean | undefined> {
    try {
      return (await this.#requests.find(`read the namespace ${name}`, `/api/v1/namespaces/${name}`)) !== undefined
    } catch (error) {
      if (isStatus(error, 403)) return undefined
      throw error
    }
  }

  /** Creates a namespace. Returns false if it exists. */
  async createNamespace(name: string): Promise<boolean> {
    try {
      const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
      await this.#requests.send(`create the namespace ${name}`, '/api/v1/namespaces', {
        method: 'POST',
        query: { fieldManager },
        body
      })
      return true
    } catch (error) {
      if (isStatus(error, 409)) return false
      throw error
    }
  }

  /**
   * Creates or updates a service account by server-side apply. Fields that are not given keep their values and owners. Fails with 409 if another
   * field manager owns one of the fields with another value. `replaces` is the service account whose values the apply replaces in spite of that: it then
   * fails with 409 only if the service account has changed since it was read.
   */
  async applyServiceAccount(
    { namespace, name }: ServiceAccountKey,
    { annotations, labels }: ServiceAccountMarks,
    replaces?: ServiceAccount
  ): Promise<void> {
    const resourceVersion = replaces?.metadata?.resourceVersion
    const body = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name,
        namespace,
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        annotations,
        ...(Object.keys(labels).length > 0 ? { labels } : {})
      }
    }
    await this.#requests.send(`apply the service account ${namespace}/${name}`, pathOf({ namespace, name }), {
      method: 'PATCH',
      query: { fieldManager, ...(replaces === undefined ? {} : { force: 'true' }) },
      body,
      contentType: 'application/apply-patch+yaml'
    })
  }

  /** Removes these annotations and labels. Fails with 409 if the service account has changed since it was read. */
  async stripServiceAccount(
    read: ServiceAccount,
    { namespace, name }: ServiceAccountKey,
    annotations: readonly string[],
    labels: readonly string[]
  ): Promise<void> {
    const removed = (keys: readonly string[]) => Object.fromEntries(keys.map(key => [key, null]))
    const resourceVersion = read.metadata?.resourceVersion
    const body = {
      metadata: {
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        annotations: removed(annotations),
        labels: removed(labels)
      }
    }
    await this.#requests.send(`strip the service account ${namespace}/${name}`, pathOf({ namespace, name }), {
      method: 'PATCH',
      query: { fieldManager },
      body,
      contentType: 'application/merge-patch+json'
    })
  }

  /** Deletes a service account. Fails with 409 if it has changed since it was read. Returns false if it does not exist. */
  async deleteServiceAccount(read: ServiceAccount, { namespace, name }: ServiceAccountKey): Promise<boolean> {
    const { uid, resourceVersion } = read.metadata ?? {}
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion })
    }
    const deleted = await this.#requests.find(
      `delete the service account ${namespace}/${name}`,
      pathOf({ namespace, name }),
      {
        method: 'DELETE',
        body: { preconditions }
      }
    )
    return deleted !== undefined
  }

  /** Requests a token for the service account (TokenRequest), with a lifetime of one hour. The token must never be shown. */
  async serviceAccountToken({ namespace, name }: ServiceAccountKey, audience: string): Promise<string> {
    const body = { spec: { audiences: [audience], expirationSeconds: 3600 } }
    const { status } = await this.#requests.send<{ status?: { token?: string } }>(
      `issue a token for the service account ${namespace}/${name}`,
      `${pathOf({ namespace, name })}/token`,
      { method: 'POST', body }
    )
    return status?.token ?? ''
  }

  /**
   * Returns the issuer that the API server publishes. Throws an AzwiError with the code `NoIssuer` if it publishes none: its `--service-account-issuer`
   * is then no https URL. Source: Kubernetes, "Service account issuer discovery".
   */
  async issuer(): Promise<string> {
    const document = await this.#openIdConfiguration()
    if (typeof document?.issuer === 'string' && document.issuer !== '') return document.issuer
    throw new AzwiError('NoIssuer', `the Kubernetes API server at ${this.server} publishes no issuer`, {
      hint: namedIssuerHint
    })
  }

  async #openIdConfiguration(): Promise<{ issuer?: unknown } | undefined> {
    try {
      return await this.#requests.send('publish its OpenID configuration', '/.well-known/openid-configuration', {
        accept: issuerDocumentTypes,
        hints: { 403: `by default, only service accounts may read the issuer: ${namedIssuerHint}` }
      })
    } catch (error) {
      if (isStatus(error, 404)) return undefined
      throw error
    }
  }
}

const namedIssuerHint =
  'give it with --service-account-issuer-url <url>, or on AKS name the cluster: --aks-cluster <name> --aks-resource-group <group>'

/** Reads a batch of up to this size one by one. */
const maxSingleReads = 3

const pathOf = ({ namespace, name }: ServiceAccountKey): string =>
  `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`
