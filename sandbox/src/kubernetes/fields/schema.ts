/**
 * How the fields of an object merge, in the terms of structured-merge-diff: what has an owner of its own, and what is owned as a whole.
 * A struct has named fields, a map any; list items are told apart by a key (list) or by their value (set). Atomic also covers every scalar. An
 * open struct also has fields that are not written down here: they are kept as they were sent, each owned as a whole.
 */
export type Schema =
  | { readonly kind: 'atomic'; readonly type: 'string' | 'boolean' | 'number' | 'object' | 'array' | 'any' }
  | { readonly kind: 'map'; readonly element: Schema }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, Schema>>; readonly open?: true }
  | { readonly kind: 'list'; readonly key: string; readonly element: Schema }
  | { readonly kind: 'set' }

export const text: Schema = { kind: 'atomic', type: 'string' }
export const flag: Schema = { kind: 'atomic', type: 'boolean' }
export const number: Schema = { kind: 'atomic', type: 'number' }
export const anything: Schema = { kind: 'atomic', type: 'any' }
export const array: Schema = { kind: 'atomic', type: 'array' }
export const texts: Schema = { kind: 'map', element: text }
export const struct = (fields: Readonly<Record<string, Schema>>): Schema => ({ kind: 'struct', fields })
export const open = (fields: Readonly<Record<string, Schema>> = {}): Schema => ({ kind: 'struct', fields, open: true })

/** The schema of a field of a map or a struct; undefined for one that it does not have. */
export function fieldOf(schema: Schema | undefined, name: string): Schema | undefined {
  if (schema?.kind === 'map') return schema.element
  if (schema?.kind !== 'struct') return undefined
  return schema.fields[name] ?? (schema.open ? anything : undefined)
}

/** ObjectMeta v1 meta, with the merge rules of the Kubernetes API reference. */
export const metadata = struct({
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: number,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: number,
  labels: { kind: 'map', element: text },
  annotations: { kind: 'map', element: text },
  finalizers: { kind: 'set' },
  ownerReferences: {
    kind: 'list',
    key: 'uid',
    element: struct({ apiVersion: text, kind: text, name: text, uid: text, controller: flag, blockOwnerDeletion: flag })
  },
  managedFields: { kind: 'atomic', type: 'array' }
})

export const serviceAccountSchema: Schema = struct({
  apiVersion: text,
  kind: text,
  metadata,
  secrets: {
    kind: 'list',
    key: 'name',
    element: struct({
      kind: text,
      namespace: text,
      name: text,
      uid: text,
      apiVersion: text,
      resourceVersion: text,
      fieldPath: text
    })
  },
  imagePullSecrets: { kind: 'atomic', type: 'array' },
  automountServiceAccountToken: flag
})

export const namespaceSchema: Schema = struct({
  apiVersion: text,
  kind: text,
  metadata,
  spec: struct({ finalizers: { kind: 'atomic', type: 'array' } }),
  status: struct({ phase: text, conditions: { kind: 'atomic', type: 'array' } })
})
