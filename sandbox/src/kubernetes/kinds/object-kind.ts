import type { Collection, KubernetesObject } from '../cluster.js'
import type { Json } from '../../json.js'
import type { State } from '../../state.js'
import { namespaceSchema, type Schema, serviceAccountSchema } from '../fields/schema.js'
import type { StatusCause } from '../status-error.js'

/** A kind of object that the API server keeps, and what is particular about it. */
export interface ObjectKind {
  readonly kind: string
  /** Empty for the core group. */
  readonly group: string
  /** Group and version, as objects carry them. */
  readonly apiVersion: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  readonly nameIs: 'label' | 'subdomain'
  readonly schema: Schema
  readonly objects: (state: State) => Map<string, KubernetesObject>
  /** The columns between name and age in the table that kubectl prints. */
  readonly columns: readonly Column[]
  /** Paths that a field selector may name, beside name and namespace. */
  readonly selectableFields: readonly string[]
  /** The status is written through the subresource alone, and changes of the spec are counted in `metadata.generation`. */
  readonly hasStatus: boolean
  readonly hasScale: boolean
  /** Fills in what a client may leave out; `live` is undefined for a new object. It changes the object. */
  readonly complete?: (object: KubernetesObject, live: KubernetesObject | undefined) => void
  /** Admission of a new object, which may change or refuse it. */
  readonly admit?: (state: State, object: KubernetesObject) => void
  /** What is wrong with an object beside its metadata. */
  readonly causes?: (object: KubernetesObject, live: KubernetesObject | undefined) => StatusCause[]
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly cell: (object: KubernetesObject) => Json
}

/** A kind of version 1 of its group: what is not said is what most kinds have. */
export function defineKind(
  kind: string,
  collection: Collection,
  own: Pick<ObjectKind, 'schema'> & Partial<Omit<ObjectKind, 'kind' | 'apiVersion' | 'objects'>>
): ObjectKind {
  const { group = '' } = own
  return {
    kind,
    group,
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    plural: collection.toLowerCase(),
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    nameIs: 'subdomain',
    objects: state => state.cluster[collection],
    columns: [],
    selectableFields: [],
    hasStatus: false,
    hasScale: false,
    ...own
  }
}

export const serviceAccounts = defineKind('ServiceAccount', 'serviceAccounts', {
  shortNames: ['sa'],
  schema: serviceAccountSchema,
  columns: [
    { name: 'Secrets', type: 'string', cell: object => (Array.isArray(object.secrets) ? object.secrets.length : 0) }
  ]
})

export const namespaces = defineKind('Namespace', 'namespaces', {
  shortNames: ['ns'],
  namespaced: false,
  nameIs: 'label',
  schema: namespaceSchema,
  columns: [{ name: 'Status', type: 'string', cell: () => 'Active' }]
})

/** Where an object is: its namespace, empty for a kind that has none, and its name. */
export interface Address {
  readonly namespace: string
  readonly name: string
}

/** The key of an object among its kind. */
export function keyOf(kind: ObjectKind, { namespace, name }: Address): string {
  return kind.namespaced ? `${namespace}/${name}` : name
}
