import { shellQuoted } from '../../errors.js'
import type { ErrorFormat } from '../../net/service-error.js'

/** A response of the API server, or of a proxy in front of it, that is not a success. */
export class KubernetesErrorResponse extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
    /** The path of the request. */
    readonly path: string
  ) {
    super(`HTTP ${status}`)
  }
}

/** The parts of a Status v1 meta that azwi reads. */
interface Status {
  readonly kind?: unknown
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly name?: string; readonly kind?: string }
}

/** The code of a 404 for a path that the server does not have. A 404 for an object has the code `NotFound`. */
export const unknownPathCode = 'UnknownPath'

/**
 * Describes the errors of the API server. It answers with a Status object; a proxy in front of it can answer with anything.
 *
 * @param hints hints for one request, by code or HTTP status. They come before the usual ones.
 */
export function kubernetesErrorFormat(server: string, hints: ErrorFormat['hints'] = {}): ErrorFormat {
  const showKubeconfig = 'kubectl config view --minify'
  return {
    service: `the Kubernetes API server at ${server}`,
    responseOf: error => {
      if (error instanceof SyntaxError) return { status: 200, code: 'NotJson', message: 'the answer is no JSON' }
      if (!(error instanceof KubernetesErrorResponse)) return undefined
      const { status, path } = error
      const { reason, message = firstLine(error.body) || `HTTP ${status}`, kind, details } = parseStatus(error.body)
      if (isPolicyDenial(status, message)) {
        return { status, code: reason, message, isPolicyDenial: true, hint: policyHint(message, path) }
      }
      if (status === 404 && (kind !== 'Status' || details?.name === undefined)) {
        return { status, code: unknownPathCode, message, hint: hints[404] ?? pathHint(server, showKubeconfig) }
      }
      return { status, code: reason, message, hint: specialHint(server, message, showKubeconfig) }
    },
    hints: {
      0: 'see which cluster is selected: kubectl config current-context; and the proxy: HTTPS_PROXY, NO_PROXY',
      200: `is this the API server? ${showKubeconfig}`,
      401: "the kubeconfig's credentials are not accepted; see: kubectl auth whoami",
      403: 'see what you may do: kubectl auth can-i --list',
      404: 'is the namespace there? kubectl get namespaces',
      EPROTO: `the server does not speak TLS: its URL in the kubeconfig begins with https://, or its port is another service's; see: ${showKubeconfig}`,
      ERR_TLS_CERT_ALTNAME_INVALID:
        'use a server name that the certificate has, as server or as tls-server-name: kubectl config set-cluster <cluster> --tls-server-name=<name>',
      ...hints
    }
  }
}

/**
 * Reports whether the server accepted the login and its permission, and a rule of the cluster refuses this object: a quota, a namespace that is being
 * deleted, an admission policy or webhook. For a missing permission, the message says which user cannot do what. Source: apiserver,
 * handlers/responsewriters, "forbiddenMessage"; webhook, "ToStatusErr".
 */
function isPolicyDenial(status: number, message: string): boolean {
  if (/^admission webhook ".*" (denied the request|does not support dry run)/.test(message)) return true
  if (/: (ValidatingAdmissionPolicy|MutatingAdmissionPolicy) '.*' with binding '.*' denied request/.test(message))
    return true
  return status === 403 && message.includes(' is forbidden: ') && !message.includes(' is forbidden: User "')
}

function policyHint(message: string, path: string): string {
  const namespace = /\/namespaces\/([^/]+)/.exec(path)?.[1]
  const flag = namespace === undefined ? '' : ` --namespace ${shellQuoted(namespace)}`
  if (message.includes('exceeded quota')) return `see the quota: kubectl describe quota${flag}`
  if (message.includes('is being terminated') && namespace !== undefined)
    return `wait until the namespace is deleted, or use another one; see: kubectl get namespace ${shellQuoted(namespace)} --output yaml`
  return 'a policy of the cluster refuses this, not a missing permission: whoever runs the policy can say why'
}

function specialHint(server: string, message: string, showKubeconfig: string): string | undefined {
  if (message.includes('HTTP request to an HTTPS server'))
    return `the kubeconfig's server must begin with https://; see: ${showKubeconfig}`
  if (message.includes('User "system:anonymous"'))
    return `the request had no credentials: does the kubeconfig's user have any? ${showKubeconfig}`
  if (message.includes(' cannot get path "') && pathOf(server) !== '') return pathHint(server, showKubeconfig)
  return undefined
}

function pathHint(server: string, showKubeconfig: string): string {
  const path = pathOf(server)
  return path === ''
    ? `is this the API server? ${showKubeconfig}`
    : `the kubeconfig's server ends in the path ${path}, which the API server might not have; see: ${showKubeconfig}`
}

const pathOf = (server: string): string => (URL.canParse(server) ? new URL(server).pathname.replace(/\/$/, '') : '')

const firstLine = (text: string): string => {
  const [line = ''] = text.trim().split('\n', 1)
  return line.startsWith('<') || line.length > 200 ? '' : line
}

function parseStatus(body: string): Status {
  try {
    const status: unknown = JSON.parse(body)
    return typeof status === 'object' && status !== null ? status : {}
  } catch {
    return {}
  }
}
