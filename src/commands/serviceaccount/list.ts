import { Command } from 'commander'
import { optionsOf } from '../../config/options.js'
import type { Io } from '../../terminal/io.js'
import { addFlags } from '../flags.js'
import type { ListFlags } from './show-connections.js'

/** The summary in the list of commands. */
export const listSummary = 'List what is connected to what, and what does not fit'

/** `azwi serviceaccount list`: shows the annotated service accounts with their identities, credentials and roles. */
export function listCommand(io: Io): Command {
  const command = new Command('list')
    .summary(listSummary)
    .description(
      'Lists the annotated service accounts of the cluster with their identities, credentials and roles, and marks what does not fit.'
    )
    .option('-n, --namespace <namespace>', 'only this namespace (default: all)')
  addFlags(command, optionsOf('list'), 'list')
  return command.action(async (flags: ListFlags) => {
    // Create and delete do not load the code for connections.
    const { listConnections } = await import('./show-connections.js')
    await listConnections(io, flags)
  })
}
