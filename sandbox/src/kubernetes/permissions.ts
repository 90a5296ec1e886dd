import { isJsonObject, type JsonObject } from '../json.js'
import type { State } from '../state.js'
import type { Address } from './kinds/object-kind.js'
import { badRequest, forbidden, groupResource, type Resource, StatusError } from './status-error.js'

/** The user name of the kubeconfig's token. */
export const administrator = 'azwi-sandbox-admin'

/** Reports whether the user has the permission. The user has every permission that `cluster.denied` does not list. */
export function isAllowed({ cluster }: State, verb: string, resource: Resource, subresource = ''): boolean {
  return !cluster.denied.has(`${verb} ${groupResource(resource)}${subresource === '' ? '' : `/${subresource}`}`)
}

/**
 * Throws a 403 if the user does not have the permission. The message is that of the API server (apiserver,
 * handlers/responsewriters, `forbiddenMessage`).
 */
export function requirePermission(
  state: State,
  verb: string,
  resource: Resource,
  { namespace, name }: Address,
  subresource = ''
): void {
  if (isAllowed(state, verb, resource, subresource)) return
  const path = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  throw forbidden(
    resource,
    name,
    `User "${administrator}" cannot ${verb} resource "${path}" in API group "${resource.group}" ${scope}`
  )
}

/**
 * Throws a 403 if the user may not read a path that is no resource, such as `/openid/v1/jwks`. Kubernetes grants the
 * issuer's documents to service accounts only (Kubernetes documentation, `system:service-account-issuer-discovery`).
 */
export function requirePathPermission({ cluster }: State, path: string): void {
  if (!cluster.denied.has(`get ${path}`)) return
  throw new StatusError(403, 'Forbidden', `forbidden: User "${administrator}" cannot get path "${path}"`)
}

/** Answers a SelfSubjectAccessReview v1 authorization.k8s.io. Every non-resource request is allowed. */
export function reviewAccess(state: State, sent: JsonObject): object {
  if (sent.kind !== undefined && sent.kind !== 'SelfSubjectAccessReview') {
    throw badRequest(`SelfSubjectAccessReview expected, not ${JSON.stringify(sent.kind)}`)
  }
  const spec = isJsonObject(sent.spec) ? sent.spec : {}
  const attributes = isJsonObject(spec.resourceAttributes) ? spec.resourceAttributes : {}
  const text = (name: string): string => (typeof attributes[name] === 'string' ? attributes[name] : '')
  const allowed = isAllowed(
    state,
    text('verb'),
    { plural: text('resource'), group: text('group') },
    text('subresource')
  )
  return {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed, ...(allowed ? { reason: 'the sandbox allows what it is not told to deny' } : {}) }
  }
}
