import { CoreV1Api, PatchStrategy, setHeaderOptions, WellKnownApi, type KubeConfig, type V1ServiceAccount } from '@kubernetes/client-node'
import type { HttpClient } from '@azure/core-rest-pipeline'
import { AzwiError } from '../errors.js'
import { gathered } from './gather.js'
import { connectKubernetes, kubernetesDialect } from './kubernetes-sdk.js'
import { isStatus, orUndefined, speaking } from './service-error.js'

export type ServiceAccount = V1ServiceAccount

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
  readonly #core: CoreV1Api
  readonly #wellKnown: WellKnownApi
  /** As they were when many were first asked for; what is asked for by itself is read anew. */
  #everyAccount: Promise<ServiceAccount[] | undefined> | undefined
  readonly #namespaces = new Map<string, Promise<boolean | undefined>>()
  /** The API server's address, for messages. */
  readonly server: string

  constructor(kubeconfig: KubeConfig, transport: HttpClient) {
    this.server = kubeconfig.getCurrentCluster()?.server ?? ''
    const connected = connectKubernetes(kubeconfig, transport)
    this.#core = connected(CoreV1Api)
    this.#wellKnown = connected(WellKnownApi)
  }

  async serviceAccount({ namespace, name }: ServiceAccountKey): Promise<ServiceAccount | undefined> {
    return this.#serviceAccount(`${namespace}/${name}`)
  }

  /** Many at once are served by one list of the whole cluster, where that is allowed. */
  readonly #serviceAccount = gathered(Infinity, async (keys: readonly string[]): Promise<Map<string, ServiceAccount>> => {
    const listed = keys.length > fewAccounts ? await (this.#everyAccount ??= this.#allServiceAccounts()) : undefined
    const found = listed ?? (await Promise.all(keys.map(key => this.#read(key)))).filter(account => account !== undefined)
    return new Map(found.map(account => [`${account.metadata?.namespace ?? ''}/${account.metadata?.name ?? ''}`, account]))
  })

  async #read(key: string): Promise<ServiceAccount | undefined> {
    const [namespace = '', name = ''] = key.split('/')
    return orUndefined(this.#speaking(`read the service account ${key}`, () => this.#core.readNamespacedServiceAccount({ namespace, name })))
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
    const found: ServiceAccount[] = []
    let position: string | undefined
    do {
      const page = { limit: pageSize, ...(position === undefined ? {} : { _continue: position }) }
      const { items, metadata } = await this.#speaking(`list the service accounts${namespace === undefined ? '' : ` of the namespace ${namespace}`}`, () =>
        namespace === undefined ? this.#core.listServiceAccountForAllNamespaces(page) : this.#core.listNamespacedServiceAccount({ namespace, ...page }))
      found.push(...items)
      position = metadata?._continue
    } while (position !== undefined && position !== '')
    return found
  }

  /** Whether a namespace is there, asked once; undefined where we may not look. */
  async hasNamespace(name: string): Promise<boolean | undefined> {
    const known = this.#namespaces.get(name) ?? this.#lookUpNamespace(name)
    this.#namespaces.set(name, known)
    return known
  }

  async #lookUpNamespace(name: string): Promise<boolean | undefined> {
    try {
      return await orUndefined(this.#speaking(`read the namespace ${name}`, () => this.#core.readNamespace({ name }))) !== undefined
    } catch (error) {
      if (isStatus(error, 403)) return undefined
      throw error
    }
  }

  /** False where it was there already. */
  async createNamespace(name: string): Promise<boolean> {
    try {
      await this.#speaking(`create the namespace ${name}`, () => this.#core.createNamespace({ body: { metadata: { name } }, fieldManager }))
      return true
    } catch (error) {
      if (isStatus(error, 409)) return false
      throw error
    }
  }

  /** Server-side apply: makes the service account, or takes over just the fields named here; those of others stay as they are. */
  async applyServiceAccount({ namespace, name }: ServiceAccountKey, { annotations, labels }: ServiceAccountMarks): Promise<void> {
    const body = {
      apiVersion: 'v1', kind: 'ServiceAccount',
      metadata: { name, namespace, annotations, ...(Object.keys(labels).length > 0 ? { labels } : {}) }
    }
    // force: the user named the identity that this service account is to have; another manager's older value gives way.
    await this.#speaking(`apply the service account ${namespace}/${name}`, () => this.#core.patchNamespacedServiceAccount(
      { namespace, name, body, fieldManager, force: true }, setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply)
    ))
  }

  /** Takes annotations and labels off, by name, and leaves the rest. Fails with 409 where the object is no longer the one that was read. */
  async stripServiceAccount(read: ServiceAccount, { namespace, name }: ServiceAccountKey, annotations: readonly string[], labels: readonly string[]): Promise<void> {
    const nothing = (keys: readonly string[]) => Object.fromEntries(keys.map(key => [key, null]))
    const resourceVersion = read.metadata?.resourceVersion
    const body = { metadata: { ...(resourceVersion === undefined ? {} : { resourceVersion }), annotations: nothing(annotations), labels: nothing(labels) } }
    await this.#speaking(`strip the service account ${namespace}/${name}`, () => this.#core.patchNamespacedServiceAccount(
      { namespace, name, body, fieldManager }, setHeaderOptions('Content-Type', PatchStrategy.MergePatch)
    ))
  }

  /** Deletes just the object that was read: one that changed since then is left alone with a 409. False where it was gone already. */
  async deleteServiceAccount(read: ServiceAccount, { namespace, name }: ServiceAccountKey): Promise<boolean> {
    const { uid, resourceVersion } = read.metadata ?? {}
    const preconditions = { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) }
    const deleted = await orUndefined(this.#speaking(`delete the service account ${namespace}/${name}`, async () => {
      await this.#core.deleteNamespacedServiceAccount({ namespace, name, body: { preconditions } })
      return true
    }))
    return deleted ?? false
  }

  /** Mints a token of the service account for one audience (TokenRequest). It lives for an hour, and must never be shown. */
  async serviceAccountToken({ namespace, name }: ServiceAccountKey, audience: string): Promise<string> {
    const body = { spec: { audiences: [audience], expirationSeconds: 3600 } }
    const { status } = await this.#speaking(`issue a token for the service account ${namespace}/${name}`, () =>
      this.#core.createNamespacedServiceAccountToken({ namespace, name, body }))
    return status?.token ?? ''
  }

  /** The issuer as the API server itself publishes it. Source: Kubernetes, "Service account issuer discovery". */
  async issuer(): Promise<string> {
    const document: unknown = await this.#speaking('publish its OpenID configuration', () => this.#wellKnown.getServiceAccountIssuerOpenIDConfiguration())
    const { issuer } = (typeof document === 'string' ? parseJson(document) : document) as { issuer?: unknown }
    if (typeof issuer === 'string' && issuer !== '') return issuer
    throw new AzwiError('NoIssuer', `the cluster at ${this.server} publishes no issuer`, { hint: 'give it with --service-account-issuer-url' })
  }

  #speaking<T>(doing: string, call: () => Promise<T>): Promise<T> {
    return speaking(kubernetesDialect(this.server), doing, call)
  }
}

/** Up to so many are read one by one. */
const fewAccounts = 3
const pageSize = 500

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
