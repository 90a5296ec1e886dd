import type { Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline'
import type { KubeConfig, RequestContext } from '@kubernetes/client-node'
import { LoginError } from '../../errors.js'
import { type ErrorFormat, undefinedIfNotFound, translateErrors } from '../../net/service-error.js'
import { serializeByKey } from '../../async.js'

export interface KubernetesRequest {
  readonly method?: HttpMethods
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly contentType?: string
}

interface List<T> {
  readonly items: T[]
  readonly metadata?: { readonly continue?: string }
}

const pageSize = 500

/**
 * Speaks to the API server by path, as the kubeconfig says: its trust, its proxy, its login. Of Kubernetes' SDK this uses what reads
 * kubeconfigs and logs in, and its types; its API classes are two megabytes, more than all else that a command loads.
 */
export class KubernetesRequests {
  /** The API server's address, for messages. */
  readonly server: string
  readonly #kubeconfig: KubeConfig
  readonly #transport: HttpClient
  /** An exec plugin may open a browser: once is enough. */
  readonly #inTurn = serializeByKey()
  #agent: Agent | undefined

  constructor(kubeconfig: KubeConfig, transport: HttpClient) {
    this.#kubeconfig = kubeconfig
    this.#transport = transport
    this.server = kubeconfig.getCurrentCluster()?.server ?? ''
  }

  /** The object that the API server answers with. `operation` completes "refused to …". Throws a ServiceError. */
  async send<T>(operation: string, path: string, request: KubernetesRequest = {}): Promise<T> {
    return translateErrors(
      errorFormat(this.server),
      operation,
      async () => JSON.parse(await this.#text(path, request)) as T
    )
  }

  /** The same, where 404 is an answer. */
  async find<T>(operation: string, path: string, request?: KubernetesRequest): Promise<T | undefined> {
    return undefinedIfNotFound(this.send<T>(operation, path, request))
  }

  /** Every item of a collection, page by page. */
  async list<T>(operation: string, path: string, query: Readonly<Record<string, string>> = {}): Promise<T[]> {
    const found: T[] = []
    let position: string | undefined
    do {
      const page: List<T> = await this.send(operation, path, {
        query: { ...query, limit: String(pageSize), ...(position === undefined ? {} : { continue: position }) }
      })
      found.push(...page.items)
      position = page.metadata?.continue
    } while (position !== undefined && position !== '')
    return found
  }

  async #text(
    path: string,
    { method = 'GET', query = {}, body, contentType = 'application/json' }: KubernetesRequest
  ): Promise<string> {
    const { headers, agent } = await this.#inTurn('', () => this.#logIn())
    const url = new URL(this.server.replace(/\/$/, '') + path)
    url.search = new URLSearchParams(query).toString()
    const response = await this.#transport.sendRequest(
      createPipelineRequest({
        url: url.href,
        method,
        headers: createHttpHeaders({
          accept: 'application/json',
          ...headers,
          ...(body === undefined ? {} : { 'content-type': contentType })
        }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        allowInsecureConnection: url.protocol === 'http:',
        // Ahead of the transport's own choice: the kubeconfig has decided on trust and proxy.
        ...(agent === undefined ? {} : { requestOverrides: { agent } })
      })
    )
    const text = response.bodyAsText ?? ''
    if (response.status >= 200 && response.status < 300) return text
    throw new KubernetesRefusal(response.status, text)
  }

  /** Asked for each time, since tokens may be short-lived; but one connection pool is kept, where the SDK makes one for every request. */
  async #logIn(): Promise<{ headers: Record<string, string>; agent: Agent | undefined }> {
    const headers: Record<string, string> = {}
    let fresh: Agent | undefined
    const context = {
      setHeaderParam: (name: string, value: string) => {
        headers[name.toLowerCase()] = value
      },
      setAgent: (agent: Agent) => {
        fresh = agent
      }
    }
    try {
      await this.#kubeconfig.applySecurityAuthentication(context as unknown as RequestContext)
    } catch (error) {
      throw loginError(this.#kubeconfig, error)
    }
    // An agent for a proxy is of another class, and kept as it is.
    this.#agent ??=
      fresh?.constructor === HttpsAgent ? new HttpsAgent({ ...(fresh as HttpsAgent).options, keepAlive: true }) : fresh
    return { headers, agent: this.#agent }
  }
}

class KubernetesRefusal extends Error {
  constructor(
    readonly status: number,
    readonly body: string
  ) {
    super(`HTTP ${status}`)
  }
}

function loginError(kubeconfig: KubeConfig, error: unknown): LoginError {
  const user = kubeconfig.getCurrentUser()
  const name = user?.name ?? ''
  const plugin = (user?.exec as { command?: string } | undefined)?.command
  const [why = ''] = (error as Error).message.split('\n')
  if (plugin === undefined)
    return new LoginError(
      'KubeconfigLogin',
      `the kubeconfig's user "${name}" cannot log in: ${why}`,
      'see: kubectl auth whoami',
      error
    )
  return new LoginError(
    'KubeconfigPlugin',
    `the kubeconfig's plugin "${plugin}" for the user "${name}" failed: ${why}`,
    'run it by hand, or see: kubectl auth whoami',
    error
  )
}

/** The API server answers a failure with a Status object; a proxy before it with anything. */
function errorFormat(server: string): ErrorFormat {
  return {
    service: `the Kubernetes API server at ${server}`,
    responseOf: error => {
      if (error instanceof SyntaxError) return { status: 200, code: 'NotJson', message: 'the answer is no JSON' }
      if (!(error instanceof KubernetesRefusal)) return undefined
      const { reason, message } = parseStatus(error.body)
      return { status: error.status, code: reason, message: message ?? `HTTP ${error.status}` }
    },
    hints: {
      0: 'see which cluster is selected: kubectl config current-context; and the proxy: HTTPS_PROXY, NO_PROXY',
      200: 'is this the API server? kubectl config view --minify',
      401: "the kubeconfig's credentials are not accepted; see: kubectl auth whoami",
      403: 'see what you may do: kubectl auth can-i --list',
      404: 'is the namespace there? kubectl get namespaces'
    }
  }
}

function parseStatus(body: string): { reason?: string; message?: string } {
  try {
    const status: unknown = JSON.parse(body)
    return typeof status === 'object' && status !== null ? status : {}
  } catch {
    return {}
  }
}
