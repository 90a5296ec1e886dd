import { Command } from 'commander'
import { optionsOf } from '../../config/options.js'
import type { Io } from '../../terminal/io.js'
import { addFlags } from '../flags.js'
import type { ListFlags } from './show-connections.js'

/** The summary in the list of commands. */
export const getSummary = 'Show what one service account is connected to, as a tree'

/** `azwi serviceaccount get <name>`: shows one connection, from the issuer of the cluster to the roles of the identity. */
export function getCommand(io: Io): Command {
  const command = new Command('get')
    .summary(getSummary)
    .description('Shows one service account with its credential, identity and roles, and marks what does not fit.')
    .argument('<name>', 'name of the service account')
    .option('-n, --namespace <namespace>', 'its namespace (default: default)')
  addFlags(command, optionsOf('get'), 'get')
  return command.action(async (name: string, flags: ListFlags) => {
    const { getConnection } = await import('./show-connections.js')
    await getConnection(io, name, flags)
  })
}
