import type { ObjectKind } from './object-kind.js'

/** Where the kinds of a group are: the core group is older than the others, and has a root of its own. */
export function rootOf({ group, apiVersion }: ObjectKind): string {
  return group === '' ? '/api/v1' : `/apis/${apiVersion}`
}

/** The path of the objects of a kind, in a namespace where the kind has any. */
export function collectionPath(kind: ObjectKind, namespace: string): string {
  return kind.namespaced ? `${rootOf(kind)}/namespaces/${namespace}/${kind.plural}` : `${rootOf(kind)}/${kind.plural}`
}

/** Patterns for a whole path: of all objects of a kind, of those of one namespace, and of one, with what comes below it. */
export function patternsOf(kind: ObjectKind): {
  readonly everywhere: RegExp
  readonly collection: RegExp
  readonly item: (below?: string) => RegExp
} {
  const collection = collectionPath(kind, '(?<namespace>[^/]+)').replaceAll('.', '\\.')
  return {
    everywhere: new RegExp(`^${rootOf(kind).replaceAll('.', '\\.')}/${kind.plural}$`),
    collection: new RegExp(`^${collection}$`),
    item: (below = '') => new RegExp(`^${collection}/(?<name>[^/]+)${below}$`)
  }
}
