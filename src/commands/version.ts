import { Command } from 'commander'
import type { Io } from '../terminal/io.js'
import { version } from '../version.js'

/** `azwi version`: the version alone on a line of stdout. */
export function versionCommand(io: Io): Command {
  return new Command('version').action(() =>
    io.printResult({ text: `${version}\n`, data: { version }, names: [`version/${version}`] })
  )
}
