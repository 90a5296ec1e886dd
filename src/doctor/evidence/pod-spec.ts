import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node'

/**
 * Returns the containers of a pod: first the init containers, as they run first. Leaves out the two that the webhook adds
 * (azure-workload-identity, pkg/webhook/consts.go).
 */
export function containersOf(spec: V1PodSpec | undefined): V1Container[] {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].filter(
    ({ name }) => name !== 'azwi-proxy-init' && name !== 'azwi-proxy'
  )
}

/** The annotation of a pod that names the containers that the webhook must not change (pkg/webhook/consts.go). */
export const skipContainersAnnotation = 'azure.workload.identity/skip-containers'

/** Returns the container names in the annotation of a pod. The webhook separates them by `;` (pkg/webhook/webhook.go). */
export function skippedContainers(annotations: Readonly<Record<string, string>> = {}): string[] {
  return (annotations[skipContainersAnnotation] ?? '')
    .split(';')
    .map(name => name.trim())
    .filter(name => name !== '')
}

/** A service account token that the kubelet writes into a volume. */
export interface ProjectedToken {
  readonly volume: string
  readonly audience: string | undefined
  readonly expirationSeconds: number | undefined
  readonly path: string
}

/** The name of the token file in every version of the webhook (azure-workload-identity, pkg/webhook/consts.go). */
const tokenFileName = 'azure-identity-token'

/** Returns the tokens of a pod that are for Azure: those with the audience, and those with the file name that the webhook uses. */
export function azureTokensOf(spec: V1PodSpec | undefined, audience: string): ProjectedToken[] {
  return (spec?.volumes ?? []).flatMap(({ name, projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) => {
      const isForAzure =
        token !== undefined && (token.audience === audience || token.path.split('/').at(-1) === tokenFileName)
      return isForAzure
        ? [{ volume: name, audience: token.audience, expirationSeconds: token.expirationSeconds, path: token.path }]
        : []
    })
  )
}

/** Reports whether a pod has a token for Azure. The webhook adds one to every pod that it changes. */
export function hasAzureToken(pod: V1Pod, audience: string): boolean {
  return azureTokensOf(pod.spec, audience).length > 0
}

/** Returns the paths at which a container finds these tokens. */
export function tokenFilePaths({ volumeMounts = [] }: V1Container, tokens: readonly ProjectedToken[]): string[] {
  return tokens.flatMap(({ volume, path }) =>
    volumeMounts
      .filter(({ name }) => name === volume)
      .map(({ mountPath, subPath }) => (subPath === path ? mountPath : `${mountPath.replace(/\/+$/, '')}/${path}`))
  )
}

/**
 * Matches the token files of all versions of the webhook: /var/run/secrets/tokens until 2022 (azure-workload-identity PR 360),
 * /var/run/secrets/azure/tokens up to v1.5, /var/run/secrets/azure/wi/token in v1.6.0 (PR 1720), and the same with a hash in it after that
 * (PR 1749).
 */
export const tokenFilePattern =
  /\/var\/run\/secrets\/(?:azure\/)?(?:tokens|wi(?:\/[0-9a-f]+)?\/token)\/azure-identity-token/

/**
 * Reports whether a container sends its token to another endpoint than Entra. The token then has another audience
 * (azure-workload-identity PR 1720; AKS identity bindings).
 */
export function usesTokenProxy({ env = [] }: V1Container): boolean {
  return env.some(({ name }) => name === 'AZURE_KUBERNETES_TOKEN_PROXY' || name === 'AZURE_KUBERNETES_TOKEN_ENDPOINT')
}
