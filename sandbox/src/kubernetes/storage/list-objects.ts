import type { JsonObject } from '../../json.js'
import type { State } from '../../state.js'
import type { KubernetesObject } from '../cluster.js'
import type { ObjectKind } from '../kinds/object-kind.js'
import { fieldSelector, labelSelector } from '../selectors.js'
import { badRequest, StatusError } from '../status-error.js'

/** A page of a list. `metadata` is ListMeta v1 meta. */
export interface Page {
  readonly items: readonly KubernetesObject[]
  readonly metadata: JsonObject
}

/**
 * Returns a page of the objects of a kind, sorted by key. An empty namespace means all namespaces. The query can hold
 * `labelSelector`, `fieldSelector`, `limit` and `continue`. Throws a 405 for a watch.
 */
export function listObjects(state: State, kind: ObjectKind, namespace: string, query: URLSearchParams): Page {
  if (query.get('watch') === 'true' || query.get('watch') === '1') {
    throw new StatusError(405, 'MethodNotAllowed', 'the azwi sandbox does not support watch: list instead')
  }
  const matchesLabels = labelSelector(query.get('labelSelector') ?? '')
  const matchesFields = fieldSelector(query.get('fieldSelector') ?? '', kind.selectableFields)
  const all = [...kind.objects(state)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(
      ([, object]) =>
        (namespace === '' || object.metadata.namespace === namespace) && matchesLabels(object) && matchesFields(object)
    )
  const after = decodeContinue(query.get('continue'))
  const rest = after === undefined ? all : all.filter(([key]) => key > after)
  const limit = readLimit(query.get('limit'))
  const page = limit === 0 ? rest : rest.slice(0, limit)
  const last = page.at(-1)
  const remaining = rest.length - page.length
  return {
    items: page.map(([, object]) => object),
    metadata: {
      resourceVersion: newestVersion(kind.objects(state)),
      ...(remaining > 0 && last !== undefined
        ? { continue: encodeContinue(last[0]), remainingItemCount: remaining }
        : {})
    }
  }
}

function newestVersion(objects: ReadonlyMap<string, KubernetesObject>): string {
  return String(Math.max(1, ...[...objects.values()].map(({ metadata }) => Number(metadata.resourceVersion))))
}

function readLimit(text: string | null): number {
  if (text === null || text === '') return 0
  if (!/^\d+$/.test(text)) throw badRequest(`invalid limit: ${text}`)
  return Number(text)
}

const encodeContinue = (key: string): string => Buffer.from(JSON.stringify({ after: key })).toString('base64url')

function decodeContinue(token: string | null): string | undefined {
  if (token === null || token === '') return undefined
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { after: unknown }
    if (typeof after === 'string') return after
  } catch {
    // The error below covers this case too.
  }
  throw badRequest('continue key is not valid')
}
