/**
 * How the fields of an object merge, in the terms of structured-merge-diff: what has an owner of its own, and what is owned as a whole.
 * A struct has named fields, a map any; list items are told apart by a key (list) or by their value (set). Atomic also covers every scalar.
 */
export type Schema =
  | { readonly kind: 'atomic'; readonly type: 'string' | 'boolean' | 'number' | 'object' | 'array' }
  | { readonly kind: 'map'; readonly element: Schema }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, Schema>> }
  | { readonly kind: 'list'; readonly key: string; readonly element: Schema }
  | { readonly kind: 'set' }

const text: Schema = { kind: 'atomic', type: 'string' }
const flag: Schema = { kind: 'atomic', type: 'boolean' }
const number: Schema = { kind: 'atomic', type: 'number' }
const struct = (fields: Readonly<Record<string, Schema>>): Schema => ({ kind: 'struct', fields })

/** ObjectMeta v1 meta, with the merge rules of the Kubernetes API reference. */
const metadata = struct({
  name: text, generateName: text, namespace: text, selfLink: text, uid: text, resourceVersion: text, generation: number,
  creationTimestamp: text, deletionTimestamp: text, deletionGracePeriodSeconds: number,
  labels: { kind: 'map', element: text },
  annotations: { kind: 'map', element: text },
  finalizers: { kind: 'set' },
  ownerReferences: {
    kind: 'list', key: 'uid',
    element: struct({ apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag })
  },
  managedFields: { kind: 'atomic', type: 'array' }
})

export const serviceAccountSchema: Schema = struct({
  apiVersion: text, kind: text, metadata,
  secrets: {
    kind: 'list', key: 'name',
    element: struct({ kind: text, namespace: text, name: text, uid: text, apiVersion: text, resourceVersion: text, fieldPath: text })
  },
  imagePullSecrets: { kind: 'atomic', type: 'array' },
  automountServiceAccountToken: flag
})

export const namespaceSchema: Schema = struct({
  apiVersion: text, kind: text, metadata,
  spec: struct({ finalizers: { kind: 'atomic', type: 'array' } }),
  status: struct({ phase: text, conditions: { kind: 'atomic', type: 'array' } })
})
