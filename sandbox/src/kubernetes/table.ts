import type { KubernetesObject } from './cluster.js'
import type { SandboxRequest } from '../server/http.js'
import type { Json, JsonObject } from '../json.js'
import type { ObjectKind } from './kinds/object-kind.js'

/** True where the caller would rather have a table to print (kubernetes.io, API concepts, Receiving resources as Tables). */
export function wantsTable({ headers }: SandboxRequest): boolean {
  const preferred = (headers.accept ?? '').split(',')[0] ?? ''
  return /;\s*as=Table/.test(preferred) && /;\s*v=v1(;|$)/.test(preferred)
}

/** The objects as a table. Each row carries the object's metadata (kubectl prints the namespace from it), or what `includeObject` asks for. */
export function toTable(
  kind: ObjectKind,
  objects: readonly KubernetesObject[],
  metadata: JsonObject,
  query: URLSearchParams,
  now: Date
): object {
  const column = (name: string, type: string, format = ''): Json => ({
    name,
    type,
    format,
    description: name,
    priority: 0
  })
  const include = query.get('includeObject') ?? 'Metadata'
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: [
      column('Name', 'string', 'name'),
      ...kind.columns.map(({ name, type }) => column(name, type)),
      column('Age', 'string')
    ],
    rows: objects.map(object => ({
      cells: [
        object.metadata.name,
        ...kind.columns.map(({ cell }) => cell(object)),
        age(object.metadata.creationTimestamp, now)
      ],
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partial(object) })
    }))
  }
}

function partial({ metadata }: KubernetesObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

/** Like `12s`, `5m`, `3h`, `2d`: the largest unit of which there are two. */
function age(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000))
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60]
  ] as const
  const largest = units.find(([, length]) => seconds >= 2 * length)
  return largest === undefined ? `${seconds}s` : `${Math.floor(seconds / largest[1])}${largest[0]}`
}
