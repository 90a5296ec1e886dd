/** An option: its flag, and the variable and the field that can set the same value. Its key in the table is its name in camel case. */
export interface Option<T = unknown> {
  /** The placeholder in the help, such as `<name>`. An option without one is a switch; its value is true. */
  readonly value?: string
  /** The values that shells complete. `parse` can accept other spellings as well. */
  readonly values?: readonly string[]
  /** Markdown without a period at the end. Help prints it without the backticks. */
  readonly description: string
  /** Converts the text to a value. Throws a UsageError that names the flag and the value; for a secret, only the flag. */
  readonly parse: (text: string, flag: string) => T
  /** The one-letter flag, such as `-s`. */
  readonly short?: string
  /** The environment variable that azwi reads if the flag is not given. */
  readonly environment?: string
  /** The text that azwi parses if neither flag nor variable is given. */
  readonly default?: string
  /** The default in words, if it is not a fixed text. Markdown, as `description`. */
  readonly defaultDescription?: string
  /** Whether the flag can be given several times. `Settings.all` then returns every value. */
  readonly repeatable?: boolean
  /** The switch that this option requires. */
  readonly onlyWith?: 'dryRun'
  /** The heading in the help. Without one, the flag is listed under "Options:". */
  readonly heading?: Heading
  /** The verbs that always take it. Each phase lists the options that it takes. */
  readonly verbs?: readonly Verb[]
  /** The values that differ for one verb. */
  readonly overrides?: Readonly<
    Partial<Record<Verb, Partial<Pick<Option, 'description' | 'default' | 'defaultDescription'>>>>
  >
  /** The kind of identity that it belongs to. The options of one kind cannot be combined with those of the other. */
  readonly identity?: IdentityKind
  /** The field in workload files that sets the same value. */
  readonly field?: WorkloadField
  /** Another field that sets the same value. A workload can have only one of the two. */
  readonly alternativeField?: WorkloadField
}

/** A field of a workload file that sets an option. */
export interface WorkloadField {
  /** The path in a workload, such as `identity.application.name`. */
  readonly path: string
  readonly type: FieldType
  /** The description in the JSON schema. */
  readonly description?: string
  /** The text in docs/workloads.md, if the description of the option does not fit there. Markdown. */
  readonly docs?: string
  /** Whether the field identifies the identity by itself, or only together with other fields of its object. */
  readonly identifies?: 'alone' | 'together'
}

/** `strings` is a map from strings to strings; `roles` is a list of objects with `role` and `scope`. */
export type FieldType = 'text' | 'guid' | 'duration' | 'strings' | 'roles'

/** The kinds of identity. */
export type IdentityKind = 'application' | 'managed-identity'

/** The verbs that take options of this table. */
export type Verb = 'create' | 'delete' | 'apply' | 'list' | 'get' | 'doctor'

/** The verbs that only read. They show what is connected, or what is wrong with it. */
export const readingVerbs = ['list', 'get', 'doctor'] as const satisfies readonly Verb[]
/** All verbs. */
export const everyVerb = ['create', 'delete', 'apply', ...readingVerbs] as const satisfies readonly Verb[]

/** The headings of the help. */
type Heading = 'Cluster:' | 'Managed identity:' | 'Azure login:'
