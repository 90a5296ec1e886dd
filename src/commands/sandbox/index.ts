import { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import { sandboxRunCommand } from './run.js'
import { sandboxStartCommand } from './start.js'

/** `azwi sandbox`: runs a local cloud. */
export function sandboxCommand(io: Io): Command {
  return new Command('sandbox')
    .enablePositionalOptions()
    .addCommand(sandboxRunCommand(io))
    .addCommand(sandboxStartCommand(io))
}
