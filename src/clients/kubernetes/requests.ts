import type { Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse
} from '@azure/core-rest-pipeline'
import { KubeConfig, type RequestContext } from '@kubernetes/client-node'
import { LoginError } from '../../errors.js'
import { type ErrorFormat, isStatus, translateErrors } from '../../net/service-error.js'
import { serializeByKey } from '../../async.js'
import type { KubeconfigUser } from './kubeconfig-fields.js'
import { KubernetesErrorResponse, kubernetesErrorFormat, unknownPathCode } from './error-format.js'

/** A request other than a plain GET. */
interface KubernetesRequest {
  readonly method?: HttpMethods
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly contentType?: string
  /** The value of `Accept`, by default JSON. */
  readonly accept?: string
  /** Hints for the errors of this request, by code or HTTP status. They replace the usual ones. */
  readonly hints?: ErrorFormat['hints']
}

interface List<T> {
  readonly items: T[]
  readonly metadata?: { readonly continue?: string }
}

/** What the kubeconfig adds to a request. */
interface Login {
  readonly headers: Readonly<Record<string, string>>
  readonly agent: Agent | undefined
  /** The token and the client certificate as one text, to compare logins. */
  readonly credentials: string
}

const pageSize = 500

/**
 * Sends requests to the API server with the trust, the proxy and the login of a kubeconfig. Requests name a path instead of using the API
 * classes of Kubernetes' SDK, because those take two megabytes: more than everything else that a command loads.
 */
export class KubernetesRequests {
  /** The URL of the API server. */
  readonly server: string
  #kubeconfig: KubeConfig
  readonly #transport: HttpClient
  /** Runs one login at a time, because an exec plugin might open a browser. */
  readonly #serializeLogin = serializeByKey()
  #agent: { readonly agent: Agent | undefined; readonly certificate: string } | undefined
  /** The credentials of logins that were refused although they were fresh. */
  readonly #refusedFreshLogins = new Set<string>()

  constructor(kubeconfig: KubeConfig, transport: HttpClient) {
    this.#kubeconfig = kubeconfig
    this.#transport = transport
    this.server = kubeconfig.getCurrentCluster()?.server ?? ''
  }

  /** Sends a request and returns the parsed response. `operation` completes "refused to …" in errors. Throws a ServiceError. */
  async send<T>(operation: string, path: string, request: KubernetesRequest = {}): Promise<T> {
    return translateErrors(
      kubernetesErrorFormat(this.server, request.hints),
      operation,
      async () => JSON.parse(await this.#text(path, request)) as T
    )
  }

  /** Like `send`, but returns undefined if the object does not exist. Throws a ServiceError for a 404 that is not about an object. */
  async find<T>(operation: string, path: string, request?: KubernetesRequest): Promise<T | undefined> {
    try {
      return await this.send<T>(operation, path, request)
    } catch (error) {
      if (isStatus(error, 404) && error.code !== unknownPathCode) return undefined
      throw error
    }
  }

  /** Returns every item of a collection, from all pages. */
  async list<T>(operation: string, path: string, query: Readonly<Record<string, string>> = {}): Promise<T[]> {
    const items: T[] = []
    let continueToken: string | undefined
    do {
      const page: List<T> = await this.send(operation, path, {
        query: {
          ...query,
          limit: String(pageSize),
          ...(continueToken === undefined ? {} : { continue: continueToken })
        }
      })
      items.push(...page.items)
      continueToken = page.metadata?.continue
    } while (continueToken !== undefined && continueToken !== '')
    return items
  }

  async #text(path: string, request: KubernetesRequest): Promise<string> {
    const response = await this.#sendWithFreshLogin(path, request)
    const text = response.bodyAsText ?? ''
    if (response.status >= 200 && response.status < 300) return text
    throw new KubernetesErrorResponse(response.status, text, path)
  }

  /** Sends a request. After a 401, logs in afresh and sends it again, once, as client-go does for exec plugins. */
  async #sendWithFreshLogin(path: string, request: KubernetesRequest): Promise<PipelineResponse> {
    const login = await this.#serializeLogin('', () => this.#logIn())
    const response = await this.#sendAs(login, path, request)
    if (response.status !== 401 || this.#refusedFreshLogins.has(login.credentials)) return response
    const fresh = await this.#serializeLogin('', () => this.#renewLogin(login))
    const second = fresh.credentials === login.credentials ? response : await this.#sendAs(fresh, path, request)
    if (second.status === 401) this.#refusedFreshLogins.add(fresh.credentials)
    return second
  }

  async #sendAs(
    { headers, agent }: Login,
    path: string,
    {
      method = 'GET',
      query = {},
      body,
      contentType = 'application/json',
      accept = 'application/json'
    }: KubernetesRequest
  ): Promise<PipelineResponse> {
    const user: KubeconfigUser | null = this.#kubeconfig.getCurrentUser()
    const impersonation = user?.impersonationHeaders ?? {}
    const url = new URL(this.server.replace(/\/$/, '') + path)
    url.search = new URLSearchParams(query).toString()
    const content = body === undefined ? undefined : JSON.stringify(body)
    const allHeaders = {
      accept,
      ...headers,
      ...(content === undefined
        ? {}
        : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(content)) })
    }
    return this.#transport.sendRequest(
      createPipelineRequest({
        url: url.href,
        method,
        headers: createHttpHeaders(allHeaders),
        ...(content === undefined ? {} : { body: content }),
        allowInsecureConnection: url.protocol === 'http:',
        requestOverrides: {
          // Overrides the agent of the transport, because the kubeconfig decides on trust and proxy.
          ...(agent === undefined ? {} : { agent }),
          // The headers of the pipeline have one value each. Impersonation can need several.
          ...(Object.keys(impersonation).length === 0 ? {} : { headers: { ...allHeaders, ...impersonation } })
        }
      })
    )
  }

  /** Logs in again, and does not use the tokens that the SDK caches: runs an exec plugin, reads a token file. */
  async #renewLogin(refused: Login): Promise<Login> {
    const current = await this.#logIn()
    // While this call waited, another one has renewed the login.
    if (current.credentials !== refused.credentials) return current
    const { clusters, users, contexts, currentContext } = this.#kubeconfig
    this.#kubeconfig = new KubeConfig()
    this.#kubeconfig.loadFromOptions({ clusters, users, contexts, currentContext })
    return this.#logIn()
  }

  /**
   * Logs in for every request, because tokens can be short-lived. Keeps one agent for a client certificate, and so one connection pool: the
   * SDK creates one each time.
   */
  async #logIn(): Promise<Login> {
    const headers: Record<string, string> = {}
    let newAgent: Agent | undefined
    const context = {
      setHeaderParam: (name: string, value: string) => {
        headers[name.toLowerCase()] = value
      },
      setAgent: (agent: Agent) => {
        newAgent = agent
      }
    }
    try {
      await this.#kubeconfig.applySecurityAuthentication(context as unknown as RequestContext)
    } catch (error) {
      throw loginError(this.#kubeconfig, error)
    }
    const certificate = String((newAgent as HttpsAgent | undefined)?.options.cert ?? '')
    if (this.#agent?.certificate !== certificate) {
      // An agent for a proxy has another class. It stays as it is.
      const agent =
        newAgent?.constructor === HttpsAgent
          ? new HttpsAgent({ ...(newAgent as HttpsAgent).options, keepAlive: true })
          : newAgent
      this.#agent = { agent, certificate }
    }
    return { headers, agent: this.#agent.agent, credentials: JSON.stringify([headers, certificate]) }
  }
}

function loginError(kubeconfig: KubeConfig, error: unknown): LoginError {
  const user = kubeconfig.getCurrentUser()
  const name = user?.name ?? ''
  const plugin = (user?.exec as { command?: string } | undefined)?.command
  const [reason = ''] = (error as Error).message.split('\n')
  if (plugin === undefined)
    return new LoginError(
      'KubeconfigLogin',
      `the kubeconfig's user "${name}" cannot log in: ${reason}`,
      'see: kubectl auth whoami',
      error
    )
  return new LoginError(
    'KubeconfigPlugin',
    `the kubeconfig's plugin "${plugin}" for the user "${name}" failed: ${reason}`,
    'run it by hand, or see: kubectl auth whoami',
    error
  )
}
