import { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import { sandboxRunCommand } from './run.js'
import { sandboxStartCommand } from './start.js'

/** `azwi sandbox`: the local cloud that ships with the tool. */
export function sandboxCommand(io: Io): Command {
  return new Command('sandbox')
    .enablePositionalOptions()
    .addCommand(sandboxRunCommand(io))
    .addCommand(sandboxStartCommand(io))
}
