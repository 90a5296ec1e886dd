import type { OptionName, options } from '../config/options.js'
import type { FieldType, WorkloadField } from '../config/options/option.js'

/** The content of one YAML document, as the schema allows it. */
export interface WorkloadsContent {
  readonly set?: string
  readonly defaults?: WorkloadContent
  readonly workloads: readonly (WorkloadContent & { readonly name: string })[]
}

/** One workload, or the defaults of all workloads of a document. */
export interface WorkloadContent extends FieldsOf<''> {
  readonly namespaces?: readonly string[]
  readonly cluster?: FieldsOf<'cluster.'>
  readonly identity?: IdentityContent
}

export interface IdentityContent {
  readonly application?: FieldsOf<'identity.application.'>
  readonly managedIdentity?: FieldsOf<'identity.managedIdentity.'>
}

interface FieldTypes extends Record<FieldType, unknown> {
  readonly text: string
  readonly guid: string
  readonly duration: string | number
  readonly strings: Readonly<Record<string, string>>
  readonly roles: readonly { readonly role: string; readonly scope: string }[]
}

/** The fields in the table of options. */
type Field =
  | Extract<(typeof options)[OptionName], { field: WorkloadField }>['field']
  | Extract<(typeof options)[OptionName], { alternativeField: WorkloadField }>['alternativeField']

/** The object whose keys follow `Prefix` in the paths of the fields. */
type FieldsOf<Prefix extends string> = {
  readonly [Each in Field as LastKey<Each['path'], Prefix>]?: FieldTypes[Each['type']]
}
type LastKey<Path extends string, Prefix extends string> = Path extends `${Prefix}${infer Key}`
  ? Key extends `${string}.${string}`
    ? never
    : Key
  : never

/** Returns the value at a path such as `identity.application.name`, or undefined if the content has none. */
export function valueAt(content: WorkloadContent, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], content)
}
