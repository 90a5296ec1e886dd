/** One option: a flag, and whatever else can set the same value. Its key in the table is its name in camel case. */
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
  /** What happens without the option, in words, if that is no fixed text. Markdown, as `description`. */
  readonly defaultDescription?: string
  /** Whether the flag can be given several times. `Settings.all` then returns every value. */
  readonly repeatable?: boolean
  /** The switch that this option requires. */
  readonly onlyWith?: 'dryRun'
  /** The heading in the help. Without one, the flag is listed under "Options:". */
  readonly heading?: Heading
  /** The verbs that always take it. The phases name the options that they take themselves. */
  readonly verbs?: readonly Verb[]
  /** What is different for one verb. */
  readonly overrides?: Readonly<
    Partial<Record<Verb, Partial<Pick<Option, 'description' | 'default' | 'defaultDescription'>>>>
  >
  /** The kind of identity that it belongs to. The options of one kind cannot be combined with those of the other. */
  readonly identity?: IdentityKind
  /** The field in workload files that sets the same value. */
  readonly field?: WorkloadField
}

export interface WorkloadField {
  /** The path in a workload, such as `identity.application.name`. */
  readonly path: string
  readonly type: FieldType
  /** The description in the JSON schema. */
  readonly description?: string
  /** The text in docs/workloads.md, if the description of the option does not fit there. Markdown. */
  readonly docs?: string
  /** Whether the field says which identity is meant: by itself, or only together with the other such fields of its object. */
  readonly identifies?: 'alone' | 'together'
}

/** `strings` is a map from strings to strings; `roles` is a list of objects with `role` and `scope`. */
export type FieldType = 'text' | 'guid' | 'duration' | 'strings' | 'roles'

export type IdentityKind = 'application' | 'managed-identity'

export type Verb = 'create' | 'delete' | 'apply' | 'list' | 'get' | 'doctor'

/** The verbs that only read. They show what is connected, or what is wrong with it. */
export const readingVerbs = ['list', 'get', 'doctor'] as const satisfies readonly Verb[]
export const everyVerb = ['create', 'delete', 'apply', ...readingVerbs] as const satisfies readonly Verb[]

export type Heading = 'Cluster:' | 'Managed identity:' | 'Azure login:'
