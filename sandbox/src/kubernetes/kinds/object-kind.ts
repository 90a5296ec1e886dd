import type { Json } from '../../json.js'
import type { State } from '../../state.js'
import type { Collection, KubernetesObject } from '../cluster.js'
import type { Schema } from '../fields/schema.js'
import type { StatusCause } from '../status-error.js'

/** A kind of object that the API server stores, and how it treats objects of this kind. */
export interface ObjectKind {
  readonly kind: string
  /** The API group. Empty for the core group. */
  readonly group: string
  /** Group and version, as in the `apiVersion` of an object: `v1`, `apps/v1`. */
  readonly apiVersion: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly namespaced: boolean
  /** The format of names: an RFC 1123 label or an RFC 1123 subdomain. */
  readonly nameFormat: 'label' | 'subdomain'
  readonly schema: Schema
  /** The stored objects of this kind, by their `keyOf`. */
  readonly objects: (state: State) => Map<string, KubernetesObject>
  /** The columns that kubectl prints between NAME and AGE. */
  readonly columns: readonly Column[]
  /** Fields that a field selector can name in addition to `metadata.name` and `metadata.namespace`. */
  readonly selectableFields: readonly string[]
  /**
   * True if the kind has the `status` subresource. Other writes then ignore the status, and `metadata.generation`
   * counts changes of the spec.
   */
  readonly hasStatus: boolean
  /** True if the kind has the `scale` subresource. */
  readonly hasScale: boolean
  /**
   * Sets the default values of fields that the client left out. Changes the object. `live` is undefined for a new
   * object.
   */
  readonly setDefaults?: (object: KubernetesObject, live: KubernetesObject | undefined) => void
  /** Admits a new object. Can change the object, or reject it with a StatusError. */
  readonly admit?: (state: State, object: KubernetesObject) => void
  /** Returns the errors in an object, except those in its metadata. `live` is undefined for a new object. */
  readonly validate?: (object: KubernetesObject, live: KubernetesObject | undefined) => StatusCause[]
}

/** A column of the table that kubectl prints. */
export interface Column {
  readonly name: string
  readonly type: string
  readonly cell: (object: KubernetesObject) => Json
}

/**
 * Returns a kind of version 1 of its group. Properties that the definition leaves out get the value that most kinds
 * have.
 */
export function defineKind(
  kind: string,
  collection: Collection,
  definition: Pick<ObjectKind, 'schema'> & Partial<Omit<ObjectKind, 'kind' | 'apiVersion' | 'objects'>>
): ObjectKind {
  const { group = '' } = definition
  return {
    kind,
    group,
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    plural: collection.toLowerCase(),
    singular: kind.toLowerCase(),
    shortNames: [],
    namespaced: true,
    nameFormat: 'subdomain',
    objects: state => state.cluster[collection],
    columns: [],
    selectableFields: [],
    hasStatus: false,
    hasScale: false,
    ...definition
  }
}

/** The namespace and the name of an object. The namespace is empty for a cluster-scoped kind. */
export interface Address {
  readonly namespace: string
  readonly name: string
}

/**
 * Returns the key of an object among the objects of its kind: `<namespace>/<name>`, or the name for a cluster-scoped
 * kind.
 */
export function keyOf(kind: ObjectKind, { namespace, name }: Address): string {
  return kind.namespaced ? `${namespace}/${name}` : name
}

/**
 * Returns the path of the group and version of a kind: `/api/v1` for the core group, `/apis/<group>/<version>` for the
 * others.
 */
export function groupVersionPath({ group, apiVersion }: ObjectKind): string {
  return group === '' ? '/api/v1' : `/apis/${apiVersion}`
}

/** Returns the path of the objects of a kind. The namespace is ignored for a cluster-scoped kind. */
export function collectionPath(kind: ObjectKind, namespace: string): string {
  const root = groupVersionPath(kind)
  return kind.namespaced ? `${root}/namespaces/${namespace}/${kind.plural}` : `${root}/${kind.plural}`
}

/** Patterns that match the whole path of a request. Their named groups are `namespace` and `name`. */
export interface PathPatterns {
  /** The objects of the kind in all namespaces. */
  readonly allNamespaces: RegExp
  /** The objects of one namespace, or all objects of a cluster-scoped kind. */
  readonly collection: RegExp
  /** One object, or its subresource if a suffix such as `/status` is given. */
  readonly item: (suffix?: string) => RegExp
}

/** Returns the patterns for the paths of a kind. */
export function pathPatterns(kind: ObjectKind): PathPatterns {
  const collection = collectionPath(kind, '(?<namespace>[^/]+)').replaceAll('.', '\\.')
  return {
    allNamespaces: new RegExp(`^${groupVersionPath(kind).replaceAll('.', '\\.')}/${kind.plural}$`),
    collection: new RegExp(`^${collection}$`),
    item: (suffix = '') => new RegExp(`^${collection}/(?<name>[^/]+)${suffix}$`)
  }
}
