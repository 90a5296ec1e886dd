import { workloadFields } from '../config/options.js'
import { setLabel } from '../domain/annotations.js'
import { UsageError } from '../errors.js'
import { valueAt, type WorkloadContent, type WorkloadsContent } from './content.js'
import { type Path, type Place, placeText, type WorkloadDocument } from './document.js'
import { creationKey, identityKey } from './identity-keys.js'

/** One service account to connect. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  /** The flags that `create` would get for it, by camel-case name. Maps and lists stay as they are: in one text, a comma in a value would split it. */
  readonly flags: Readonly<Record<string, unknown>>
  /** The same for all workloads that name the same identity; undefined if the workload names none and gets its own application. */
  readonly sharedIdentity: string | undefined
  /** The settings that a new identity is created with, as one comparable text. */
  readonly creationKey: string
  readonly set: string | undefined
  readonly place: Place
  /** Returns the name of the field that sets a flag, and its place in the file. */
  readonly fieldOf: (flag: string) => { readonly name: string; readonly place: Place } | undefined
}

/** Returns the workloads of a document with the defaults filled in: one for each namespace. Throws a UsageError with the place. */
export function workloadsOf(document: WorkloadDocument, content: WorkloadsContent): Workload[] {
  const { defaults, set } = content
  return content.workloads.flatMap((workload, index) => {
    const place = document.placeOf(['workloads', index])
    if (workload.namespace !== undefined && workload.namespaces !== undefined) {
      throw new UsageError(
        `${placeText(place)}: the workload has both namespace and namespaces`,
        'leave one of them out'
      )
    }
    const merged = {
      ...defaults,
      ...workload,
      labels: { ...defaults?.labels, ...workload.labels, ...(set === undefined ? {} : { [setLabel]: set }) },
      roles: [...(defaults?.roles ?? []), ...(workload.roles ?? [])]
    }
    return namespacesOf(workload, defaults).map(namespace => ({
      namespace,
      name: workload.name,
      place,
      fieldOf: (flag: string) => {
        const paths = workloadFields.flatMap(({ option, path }) => (option === flag ? [path] : []))
        const path = paths.find(each => valueAt(merged, each) !== undefined) ?? paths[0]
        return path === undefined
          ? undefined
          : { name: path, place: placeOfField(document, content, index, path.split('.')) }
      },
      set,
      sharedIdentity: merged.identity === undefined ? undefined : identityKey(merged.identity),
      creationKey: creationKey(merged.identity),
      flags: flagsOf({ ...merged, namespace })
    }))
  })
}

/** Returns what the defaults of a document set, for a document without workloads. They can say which cluster its set belongs to. */
export function defaultsOf(
  document: WorkloadDocument,
  { defaults = {} }: WorkloadsContent
): Pick<Workload, 'flags' | 'place' | 'fieldOf'> {
  const place = document.placeOf(['defaults'])
  const fieldOf: Workload['fieldOf'] = flag => {
    const field = workloadFields.find(({ option, path }) => option === flag && valueAt(defaults, path) !== undefined)
    return field && { name: field.path, place: document.placeOf(['defaults', ...field.path.split('.')]) }
  }
  return { flags: flagsOf(defaults), place, fieldOf }
}

/** Returns the place of a field in the workload itself, or else in the defaults. */
function placeOfField(
  document: WorkloadDocument,
  { defaults = {}, workloads }: WorkloadsContent,
  index: number,
  [first = '', ...rest]: Path
): Place {
  const keyIn = (content: WorkloadContent = {}): string | undefined =>
    (first === 'namespace' ? ['namespaces', 'namespace'] : [String(first)]).find(key => key in content)
  const [inWorkload, inDefaults] = [keyIn(workloads[index]), keyIn(defaults)]
  return inWorkload === undefined && inDefaults !== undefined
    ? document.placeOf(['defaults', inDefaults, ...rest])
    : document.placeOf(['workloads', index, inWorkload ?? first, ...rest])
}

function namespacesOf(workload: WorkloadContent, defaults: WorkloadContent = {}): readonly string[] {
  const { namespaces, namespace } =
    workload.namespaces !== undefined || workload.namespace !== undefined ? workload : defaults
  return namespaces ?? [namespace ?? 'default']
}

function flagsOf(workload: WorkloadContent): Workload['flags'] {
  return Object.fromEntries(
    workloadFields.flatMap(({ option, path }) => {
      const value = valueAt(workload, path)
      if (value === undefined || isEmpty(value)) return []
      return [[option, typeof value === 'number' ? String(value) : value]]
    })
  )
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
