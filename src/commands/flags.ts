import { type Command, Option } from 'commander'
import { flagOf, type Option as OptionDefinition, type OptionName, options } from '../config/options.js'

/** Declares flags on a command, with their help for this verb; `Settings` then reads what commander collects. */
export function addFlags(command: Command, names: readonly OptionName[], verb?: 'create' | 'delete'): void {
  for (const name of names) {
    const definition: OptionDefinition<unknown> = options[name]
    const { value, short, environment, default: standard, repeatable, group } = definition
    const description = (verb === 'delete' ? definition.deleteDescription : undefined) ?? definition.description
    const notes = [
      ...(standard === undefined ? [] : [`default ${standard}`]),
      ...(environment === undefined ? [] : [environment])
    ]
    const help = notes.length === 0 ? description : `${description} (${notes.join('; ')})`
    const option = new Option(
      [`${short === undefined ? '' : `${short}, `}${flagOf(name)}`, value].filter(Boolean).join(' '),
      help
    )
    if (repeatable === true)
      option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
    command.addOption(group === undefined ? option : option.helpGroup(group))
  }
}
