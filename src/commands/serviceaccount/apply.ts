import { Command } from 'commander'
import { optionsOf } from '../../config/options.js'
import type { Io } from '../../terminal/io.js'
import { addFlags } from '../flags.js'

/** The summary in the list of commands. */
export const applySummary = 'Connect all the service accounts of a file; run again, it does only what is left'

/** `azwi serviceaccount apply -f`: connects all workloads of the files, as `create` connects one. */
export function applyCommand(io: Io): Command {
  const command = new Command('apply')
    .summary(applySummary)
    .description(
      'Connect all the service accounts of files (docs/workloads.md); run again, it does only what is left to do.'
    )
  addFlags(command, optionsOf('apply'), 'apply')
  return command.action(async (flags: Readonly<Record<string, unknown>>) => {
    // No other verb loads the libraries for YAML and JSON schemas.
    const { applyWorkloads } = await import('./apply-workloads.js')
    await applyWorkloads(flags, io)
  })
}
