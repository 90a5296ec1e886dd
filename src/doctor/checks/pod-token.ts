import type { V1Container, V1PodSpec } from '@kubernetes/client-node'

/** A token of the service account that the kubelet writes into a volume. */
export interface ProjectedToken {
  readonly volume: string
  readonly audience: string | undefined
  readonly expirationSeconds: number | undefined
  readonly path: string
}

/** The file's own name in every version of the webhook (Azure/azure-workload-identity, pkg/webhook/consts.go). */
const fileName = 'azure-identity-token'

/** The pod's tokens that are for Azure: by audience, or by the name that the webhook gives the file. The one for the API server is not among them. */
export function tokensOf(spec: V1PodSpec | undefined, audience: string): ProjectedToken[] {
  return (spec?.volumes ?? []).flatMap(({ name, projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: token }) => {
      const isOurs = token !== undefined && (token.audience === audience || token.path.split('/').at(-1) === fileName)
      return isOurs
        ? [{ volume: name, audience: token.audience, expirationSeconds: token.expirationSeconds, path: token.path }]
        : []
    })
  )
}

/** Where a container finds these tokens. */
export function tokenFiles({ volumeMounts = [] }: V1Container, tokens: readonly ProjectedToken[]): string[] {
  return tokens.flatMap(({ volume, path }) =>
    volumeMounts
      .filter(({ name }) => name === volume)
      .map(({ mountPath, subPath }) => (subPath === path ? mountPath : `${mountPath.replace(/\/+$/, '')}/${path}`))
  )
}

/**
 * Token files as versions of the webhook have had them: /var/run/secrets/tokens until 2022 (azure-workload-identity PR 360),
 * /var/run/secrets/azure/tokens up to v1.5, /var/run/secrets/azure/wi/token in v1.6.0 (PR 1720), then with a hash in between (PR 1749).
 */
export const tokenFilePattern =
  /\/var\/run\/secrets\/(?:azure\/)?(?:tokens|wi(?:\/[0-9a-f]+)?\/token)\/azure-identity-token/

/** Whether another endpoint than Entra takes the token, which then is for another audience (azure-workload-identity PR 1720; AKS identity bindings). */
export function hasOwnEndpoint({ env = [] }: V1Container): boolean {
  return env.some(({ name }) => name === 'AZURE_KUBERNETES_TOKEN_PROXY' || name === 'AZURE_KUBERNETES_TOKEN_ENDPOINT')
}
