import { AzwiError } from '../errors.js'

/** The annotations of a service account that the webhook of azure-workload-identity reads. */
export const annotation = {
  clientId: 'azure.workload.identity/client-id',
  tenantId: 'azure.workload.identity/tenant-id',
  tokenExpiration: 'azure.workload.identity/service-account-token-expiration'
} as const

/** The label on a pod template with which the webhook changes the pod. Its value is `true`. Service accounts do not need it since v1.0. */
export const useLabel = 'azure.workload.identity/use'

/** The prefix of the labels and annotations that only azwi writes. */
export const ownLabelPrefix = 'azwi/'

/** The label with the set that a service account was applied with. `apply --prune` selects service accounts by it. */
export const setLabel = 'azwi/set'

/** The annotation with the issuer that the workload file named. `--prune` finds the credential for this issuer. */
export const issuerAnnotation = 'azwi/issuer'

/** The lifetime of a projected token in seconds, from 1 to 24 hours. Source: azure-workload-identity, pkg/webhook. */
export const tokenExpirationSeconds = { minimum: 3600, maximum: 86_400, default: 3600 } as const

/**
 * The resource ID of the managed identity. Azure cannot look an identity up by client ID in all subscriptions, so this says where it is. It
 * is a hint: the identity counts only if it has the annotated client ID.
 */
export const managedIdentityAnnotation = 'azwi/managed-identity'

export interface WorkloadIdentity {
  readonly clientId: string
  /** The webhook's own tenant by default. */
  readonly tenantId?: string | undefined
  /** Rounded to whole seconds, as in the Go azwi. The webhook's default if undefined. */
  readonly tokenExpirationSeconds?: number | undefined
}

/**
 * Returns the annotations that connect a service account to an identity. Leaves out values that are undefined.
 *
 * @throws AzwiError for an empty client ID or tenant ID, so that the result of a failed look-up never gets into the cluster, and for an
 * expiration that the webhook does not accept
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
