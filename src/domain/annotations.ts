import { AzwiError } from '../errors.js'

/** What the webhook of azure-workload-identity reads from a service account, and the label that it wants on a pod template. */
export const annotation = {
  clientId: 'azure.workload.identity/client-id',
  tenantId: 'azure.workload.identity/tenant-id',
  tokenExpiration: 'azure.workload.identity/service-account-token-expiration'
} as const

/** On a pod template, with the value `true`: the webhook takes care of this pod. Since v1.0 the service account needs none. */
export const useLabel = 'azure.workload.identity/use'

/** Says which set a service account was applied with: what `apply --prune` goes by. */
export const setLabel = 'azwi/set'

/** Says which issuer the file of an apply named, so that `--prune` finds the credential that was made for it. */
export const issuerAnnotation = 'azwi/issuer'

/** Seconds that a projected token may live: 1 to 24 hours (azure-workload-identity, pkg/webhook). */
export const tokenExpirationSeconds = { minimum: 3600, maximum: 86_400, default: 3600 } as const

export interface WorkloadIdentity {
  readonly clientId: string
  /** Left out, the webhook uses its own tenant. */
  readonly tenantId?: string | undefined
  /** Rounded to whole seconds, as the Go azwi does. Left out, the webhook uses its default. */
  readonly tokenExpirationSeconds?: number | undefined
}

/**
 * The annotations that connect a service account to an identity; what is undefined is left out.
 *
 * @throws AzwiError for an empty client or tenant id, or an expiration that the webhook would not honour: a failed look-up must never
 * reach the cluster.
 */
export function serviceAccountAnnotations(identity: WorkloadIdentity): Record<string, string> {
  const { clientId, tenantId } = identity
  const seconds =
    identity.tokenExpirationSeconds === undefined ? undefined : Math.round(identity.tokenExpirationSeconds)
  if (clientId.trim() === '')
    throw new AzwiError('EmptyClientId', 'there is no client id to write to the service account')
  if (tenantId?.trim() === '')
    throw new AzwiError('EmptyTenantId', 'there is no tenant id to write to the service account')
  const { minimum, maximum } = tokenExpirationSeconds
  if (seconds !== undefined && !(seconds >= minimum && seconds <= maximum)) {
    throw new AzwiError(
      'TokenExpirationOutOfRange',
      `a token expiration of ${seconds} seconds is not from ${minimum} to ${maximum}`
    )
  }
  return {
    [annotation.clientId]: clientId,
    ...(tenantId !== undefined && { [annotation.tenantId]: tenantId }),
    ...(seconds !== undefined && { [annotation.tokenExpiration]: String(seconds) })
  }
}
