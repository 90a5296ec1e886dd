import { applyOptions } from './options/apply.js'
import { applicationOptions } from './options/application.js'
import { kubeconfigOptions } from './options/cluster.js'
import { loginOptions } from './options/login.js'
import { managedIdentityOptions } from './options/managed-identity.js'
import type { IdentityKind, Option, Verb, WorkloadField } from './options/option.js'
import { roleOptions } from './options/roles.js'
import { runOptions } from './options/run.js'
import { serviceAccountOptions } from './options/service-account.js'

export type { Option } from './options/option.js'

/**
 * Every option that a phase or several verbs take. The flags, the help, `Settings`, the workload files with their schema, and the tables in
 * README.md and docs/workloads.md all come from this table; `npm run generate` writes the schema and the tables.
 */
export const options = {
  ...applyOptions,
  ...serviceAccountOptions,
  ...applicationOptions,
  ...managedIdentityOptions,
  ...roleOptions,
  ...runOptions,
  ...kubeconfigOptions,
  ...loginOptions
}

/** The name of an option: that of the flag, in camel case. */
export type OptionName = keyof typeof options
/** The type that the option's text is parsed to. */
export type OptionValue<Name extends OptionName> = ReturnType<(typeof options)[Name]['parse']>

const names = Object.keys(options) as readonly OptionName[]

/** Returns an option with its overrides for a verb. */
export function optionFor(name: OptionName, verb?: Verb): Option {
  const option: Option = options[name]
  const override = verb === undefined ? undefined : option.overrides?.[verb]
  return override === undefined ? option : { ...option, ...override }
}

/** Returns the options that a verb always takes, in the order of the table. Its phases add theirs. */
export function optionsOf(verb: Verb): readonly OptionName[] {
  return names.filter(name => optionFor(name).verbs?.includes(verb))
}

/** Returns the options that belong to one kind of identity. */
export function optionsOfIdentity(kind: IdentityKind): readonly OptionName[] {
  return names.filter(name => optionFor(name).identity === kind)
}

/** The options of every command that can log in to Azure. */
export const azureOptions = Object.keys(loginOptions) as readonly (keyof typeof loginOptions)[]
/** The options that are fields of a workload, with their fields. */
export const workloadFields: readonly (WorkloadField & { readonly option: OptionName })[] = names.flatMap(option => {
  const { field, alternativeField } = optionFor(option)
  return [field, alternativeField].flatMap(each => (each === undefined ? [] : [{ ...each, option }]))
})

/** Returns the flags that have a fixed list of values. */
export function flagsWithValues(): { readonly flag: string; readonly values: readonly string[] }[] {
  return names.flatMap(name => {
    const { values } = optionFor(name)
    return values === undefined ? [] : [{ flag: flagOf(name), values }]
  })
}

/** Returns the flag of an option: `--service-account-name` for `serviceAccountName`. */
export function flagOf(name: OptionName): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
