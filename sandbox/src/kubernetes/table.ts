import type { Json, JsonObject } from '../json.js'
import type { SandboxRequest } from '../server/http.js'
import type { KubernetesObject } from './cluster.js'
import type { ObjectKind } from './kinds/object-kind.js'

/**
 * Reports whether the caller prefers a table to the objects (kubernetes.io, API concepts, Receiving resources as
 * Tables).
 */
export function wantsTable({ headers }: SandboxRequest): boolean {
  const preferred = (headers.accept ?? '').split(',')[0] ?? ''
  return /;\s*as=Table/.test(preferred) && /;\s*v=v1(;|$)/.test(preferred)
}

/**
 * Returns the objects as a Table v1 meta.k8s.io. The query parameter `includeObject` decides what a row holds beside
 * its cells. The default is the metadata, from which kubectl prints the namespace.
 */
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
        formatAge(object.metadata.creationTimestamp, now)
      ],
      ...(include === 'None' ? {} : { object: include === 'Object' ? object : partialMetadata(object) })
    }))
  }
}

function partialMetadata({ metadata }: KubernetesObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

/** Formats an age in the largest unit with a value of two or more: `12s`, `5m`, `3h`, `2d`. */
function formatAge(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000))
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60]
  ] as const
  const largest = units.find(([, length]) => seconds >= 2 * length)
  return largest === undefined ? `${seconds}s` : `${Math.floor(seconds / largest[1])}${largest[0]}`
}
