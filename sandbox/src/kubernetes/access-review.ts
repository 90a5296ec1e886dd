import { isJsonObject, type JsonObject } from '../json.js'
import type { State } from '../state.js'
import { isAllowed } from './permissions.js'
import { badRequest } from './status-error.js'

/** May the caller do this? (SelfSubjectAccessReview v1 authorization.k8s.io.) What is about no resource is allowed. */
export function reviewAccess(state: State, sent: JsonObject): object {
  if (sent.kind !== undefined && sent.kind !== 'SelfSubjectAccessReview') {
    throw badRequest(`SelfSubjectAccessReview expected, not ${JSON.stringify(sent.kind)}`)
  }
  const spec = isJsonObject(sent.spec) ? sent.spec : {}
  const asked = isJsonObject(spec.resourceAttributes) ? spec.resourceAttributes : {}
  const text = (name: string): string => (typeof asked[name] === 'string' ? asked[name] : '')
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
