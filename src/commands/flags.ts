import { type Command, Option } from 'commander'
import { flagOf, optionFor, type OptionName } from '../config/options.js'
import type { Verb } from '../config/options/option.js'

/** Adds flags to a command, with their help for this verb. `Settings` parses what commander collects for them. */
export function addFlags(command: Command, names: readonly OptionName[], verb?: Verb): void {
  for (const name of names) {
    const { value, short, description, environment, repeatable, heading, ...option } = optionFor(name, verb)
    const notes = [
      ...(option.default === undefined ? [] : [`default ${option.default}`]),
      ...(option.defaultDescription === undefined ? [] : [`default: ${option.defaultDescription}`]),
      ...(environment === undefined ? [] : [environment])
    ]
    const help = `${description}${notes.map(note => ` (${note})`).join('')}`.replaceAll('`', '')
    const flags = [short === undefined ? flagOf(name) : `${short}, ${flagOf(name)}`, value]
    const flag = new Option(flags.filter(part => part !== undefined).join(' '), help)
    if (repeatable === true)
      flag.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
    command.addOption(heading === undefined ? flag : flag.helpGroup(heading))
  }
}
