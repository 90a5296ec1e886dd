import { Agent as HttpsAgent } from 'node:https'
import { createHttpHeaders, createPipelineRequest, type HttpClient, type HttpMethods } from '@azure/core-rest-pipeline'
import {
  ApiException, createConfiguration, ResponseContext, ServerConfiguration, wrapHttpLibrary,
  type ApiType, type Configuration, type KubeConfig, type RequestContext
} from '@kubernetes/client-node'
import { LoginError } from '../errors.js'
import type { Dialect } from './service-error.js'
import { takeTurns } from './turns.js'

/** Makes APIs of Kubernetes' SDK that send through our transport, over one kept-alive connection pool and with one login. */
export function connectKubernetes(kubeconfig: KubeConfig, transport: HttpClient): <T extends ApiType>(api: new (configuration: Configuration) => T) => T {
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(kubeconfig.getCurrentCluster()?.server ?? '', {}),
    authMethods: { default: keepingAgent(kubeconfig) },
    httpApi: wrapHttpLibrary({ send: request => send(request, transport) })
  })
  return api => new api(configuration)
}

/** The SDK makes a new agent, and so a new TLS connection, for every request. Tokens are still asked for each time: they may be short-lived. */
function keepingAgent(kubeconfig: KubeConfig) {
  let agent: ReturnType<RequestContext['getAgent']>
  // An exec plugin may open a browser: once is enough.
  const inTurn = takeTurns()
  return {
    getName: () => 'kubeconfig',
    applySecurityAuthentication: async (context: RequestContext) => {
      await inTurn('', () => logIn(kubeconfig, context))
      const fresh = context.getAgent()
      // An agent for a proxy is of another class, and kept as it is.
      agent ??= fresh?.constructor === HttpsAgent ? new HttpsAgent({ ...(fresh).options, keepAlive: true }) : fresh
      if (agent !== undefined) context.setAgent(agent)
    }
  }
}

async function logIn(kubeconfig: KubeConfig, context: RequestContext): Promise<void> {
  try {
    await kubeconfig.applySecurityAuthentication(context)
  } catch (error) {
    const user = kubeconfig.getCurrentUser()
    const name = user?.name ?? ''
    const plugin = (user?.exec as { command?: string } | undefined)?.command
    const [why = ''] = (error as Error).message.split('\n')
    if (plugin === undefined) throw new LoginError('KubeconfigLogin', `the kubeconfig's user "${name}" cannot log in: ${why}`, 'see: kubectl auth whoami', error)
    throw new LoginError('KubeconfigPlugin', `the kubeconfig's plugin "${plugin}" for the user "${name}" failed: ${why}`, `run it by hand, or see: kubectl auth whoami`, error)
  }
}

async function send(context: RequestContext, transport: HttpClient): Promise<ResponseContext> {
  const body = context.getBody()
  const agent = context.getAgent()
  const response = await transport.sendRequest(createPipelineRequest({
    url: context.getUrl(),
    method: context.getHttpMethod() as HttpMethods,
    headers: createHttpHeaders(context.getHeaders()),
    ...(typeof body === 'string' ? { body } : {}),
    allowInsecureConnection: context.getUrl().startsWith('http:'),
    // Ahead of the transport's own choice: the kubeconfig has decided on trust and proxy.
    ...(agent === undefined ? {} : { requestOverrides: { agent } })
  }))
  const text = response.bodyAsText ?? ''
  return new ResponseContext(response.status, response.headers.toJSON(), {
    text: () => Promise.resolve(text), binary: () => Promise.resolve(Buffer.from(text))
  })
}

/** How the SDK speaks of failure; the API server answers with a Status object. */
export function kubernetesDialect(server: string): Dialect {
  return {
    service: `the Kubernetes API server at ${server}`,
    refusal: error => {
      if (!(error instanceof ApiException)) return undefined
      const { reason, message } = statusOf(error.body)
      return { status: error.code, code: reason, message: message ?? `HTTP ${error.code}` }
    },
    hints: {
      0: 'see which cluster is selected: kubectl config current-context; and the proxy: HTTPS_PROXY, NO_PROXY',
      401: 'the kubeconfig\'s credentials are not accepted; see: kubectl auth whoami',
      403: 'see what you may do: kubectl auth can-i --list',
      404: 'is the namespace there? kubectl get namespaces'
    }
  }
}

function statusOf(body: unknown): { reason?: string; message?: string } {
  if (typeof body === 'object' && body !== null) return body
  try {
    return JSON.parse(String(body)) as { reason?: string; message?: string }
  } catch {
    return {}
  }
}
