import type { KubernetesObject } from '../cluster.js'
import type { Json } from '../json.js'
import type { World } from '../world.js'
import { namespaceSchema, serviceAccountSchema, type Schema } from './schema.js'

/** A kind of object that the API server keeps, and what is particular about it. */
export interface ObjectKind {
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortName: string
  readonly namespaced: boolean
  readonly nameIs: 'label' | 'subdomain'
  readonly schema: Schema
  readonly objects: (world: World) => Map<string, KubernetesObject>
  /** The columns between name and age in the table that kubectl prints. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly cell: (object: KubernetesObject) => Json }[]
}

export const serviceAccounts: ObjectKind = {
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortName: 'sa',
  namespaced: true,
  nameIs: 'subdomain',
  schema: serviceAccountSchema,
  objects: world => world.cluster.serviceAccounts,
  columns: [{ name: 'Secrets', type: 'string', cell: object => (Array.isArray(object.secrets) ? object.secrets.length : 0) }]
}

export const namespaces: ObjectKind = {
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortName: 'ns',
  namespaced: false,
  nameIs: 'label',
  schema: namespaceSchema,
  objects: world => world.cluster.namespaces,
  columns: [{ name: 'Status', type: 'string', cell: () => 'Active' }]
}

/** Where an object is: its namespace, empty for a kind that has none, and its name. */
export interface Address {
  readonly namespace: string
  readonly name: string
}

/** The key of an object among its kind. */
export function keyOf(kind: ObjectKind, { namespace, name }: Address): string {
  return kind.namespaced ? `${namespace}/${name}` : name
}
