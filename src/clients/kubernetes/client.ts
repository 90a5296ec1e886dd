import type { V1ServiceAccount } from '@kubernetes/client-node'
import { AzwiError } from '../../errors.js'
import { batched } from '../../net/batch.js'
import type { KubernetesRequests } from './requests.js'
import { isStatus } from '../../net/service-error.js'

/** As it comes over the wire: its times are texts. */
export type ServiceAccount = Omit<V1ServiceAccount, 'metadata'> & {
  readonly metadata?: Metadata & { readonly managedFields?: readonly ManagedFields[] }
}
type Metadata = Omit<V1ServiceAccount['metadata'] & object, 'creationTimestamp' | 'deletionTimestamp' | 'managedFields'>

/** Which fields of an object a manager has set. Source: Kubernetes API reference, ManagedFieldsEntry. */
export interface ManagedFields {
  readonly manager?: string
  readonly operation?: string
  readonly fieldsV1?: object
}

export interface ServiceAccountKey {
  readonly namespace: string
  readonly name: string
}

/** What azwi wants a service account to carry; everything else on it belongs to others. */
export interface ServiceAccountMarks {
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** The field manager under which our fields are owned. */
export const fieldManager = 'azwi'

/** Service accounts and the issuer of one cluster. */
export class KubernetesClient {
  readonly #requests: KubernetesRequests
  /** As they were when many were first asked for; what is asked for by itself is read anew. */
  #everyAccount: Promise<ServiceAccount[] | undefined> | undefined
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

  /** Many at once are served by one list of the whole cluster, where that is allowed. */
  readonly #serviceAccount = batched(
    Infinity,
    async (keys: readonly string[]): Promise<Map<string, ServiceAccount | Promise<ServiceAccount | undefined>>> => {
      const listed = keys.length > fewAccounts ? await (this.#everyAccount ??= this.#allServiceAccounts()) : undefined
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

  /** Undefined where listing is not allowed. */
  async #allServiceAccounts(): Promise<ServiceAccount[] | undefined> {
    try {
      return await this.serviceAccounts()
    } catch (error) {
      if (isStatus(error, 403)) return undefined
      throw error
    }
  }

  /** Every service account of a namespace; without one, of the cluster. */
  async serviceAccounts(namespace?: string): Promise<ServiceAccount[]> {
    if (namespace === undefined) return this.#requests.list('list the service accounts', '/api/v1/serviceaccounts')
    return this.#requests.list(
      `list the service accounts of the namespace ${namespace}`,
      `/api/v1/namespaces/${namespace}/serviceaccounts`
    )
  }

  /** Whether a namespace is there, asked once; undefined where we may not look. */
  async hasNamespace(name: string): Promise<boolean | undefined> {
    const known = this.#namespaces.get(name) ?? this.#lookUpNamespace(name)
    this.#namespaces.set(name, known)
    return known
  }

  async #lookUpNamespace(name: string): Promise<boolean | undefined> {
    try {
      return (await this.#requests.find(`read the namespace ${name}`, `/api/v1/namespaces/${name}`)) !== undefined
    } catch (error) {
      if (isStatus(error, 403)) return undefined
      throw error
    }
  }

  /** False where it was there already. */
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

  /** Server-side apply: makes the service account, or takes over just the fields named here; those of others stay as they are. */
  async applyServiceAccount(
    { namespace, name }: ServiceAccountKey,
    { annotations, labels }: ServiceAccountMarks
  ): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, annotations, ...(Object.keys(labels).length > 0 ? { labels } : {}) }
    }
    // force: the user named the identity that this service account is to have; another manager's older value gives way.
    await this.#requests.send(`apply the service account ${namespace}/${name}`, pathOf({ namespace, name }), {
      method: 'PATCH',
      query: { fieldManager, force: 'true' },
      body,
      contentType: 'application/apply-patch+yaml'
    })
  }

  /** Takes annotations and labels off, by name, and leaves the rest. Fails with 409 where the object is no longer the one that was read. */
  async stripServiceAccount(
    read: ServiceAccount,
    { namespace, name }: ServiceAccountKey,
    annotations: readonly string[],
    labels: readonly string[]
  ): Promise<void> {
    const nothing = (keys: readonly string[]) => Object.fromEntries(keys.map(key => [key, null]))
    const resourceVersion = read.metadata?.resourceVersion
    const body = {
      metadata: {
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
        annotations: nothing(annotations),
        labels: nothing(labels)
      }
    }
    await this.#requests.send(`strip the service account ${namespace}/${name}`, pathOf({ namespace, name }), {
      method: 'PATCH',
      query: { fieldManager },
      body,
      contentType: 'application/merge-patch+json'
    })
  }

  /** Deletes just the object that was read: one that changed since then is left alone with a 409. False where it was gone already. */
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

  /** Mints a token of the service account for one audience (TokenRequest). It lives for an hour, and must never be shown. */
  async serviceAccountToken({ namespace, name }: ServiceAccountKey, audience: string): Promise<string> {
    const body = { spec: { audiences: [audience], expirationSeconds: 3600 } }
    const { status } = await this.#requests.send<{ status?: { token?: string } }>(
      `issue a token for the service account ${namespace}/${name}`,
      `${pathOf({ namespace, name })}/token`,
      { method: 'POST', body }
    )
    return status?.token ?? ''
  }

  /** The issuer as the API server itself publishes it. Source: Kubernetes, "Service account issuer discovery". */
  async issuer(): Promise<string> {
    const { issuer } = await this.#requests.send<{ issuer?: unknown }>(
      'publish its OpenID configuration',
      '/.well-known/openid-configuration'
    )
    if (typeof issuer === 'string' && issuer !== '') return issuer
    throw new AzwiError('NoIssuer', `the cluster at ${this.server} publishes no issuer`, {
      hint: 'give it with --service-account-issuer-url'
    })
  }
}

/** Up to so many are read one by one. */
const fewAccounts = 3

const pathOf = ({ namespace, name }: ServiceAccountKey): string =>
  `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`
