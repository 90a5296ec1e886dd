import { Command } from 'commander'
import { namespace as namespaceOf, serviceAccountName } from '../../config/parse.js'
import { AzwiError, shellQuoted } from '../../errors.js'
import { connectionView } from '../../terminal/views/connections.js'
import type { Io } from '../../terminal/io.js'
import { addReportFlags, report } from './report.js'

/** What it does, in a line. */
export const getSummary = 'Show what one service account is connected to, as a tree'

/** `azwi serviceaccount get <name>`: one chain, from the cluster's issuer to the roles. Fails where the cluster has no such service account. */
export function getCommand(io: Io): Command {
  const command = new Command('get')
    .summary(getSummary)
    .description('Shows one service account with its credential, identity and roles, and marks what does not fit.')
    .argument('<name>', 'name of the service account')
    .option('-n, --namespace <namespace>', 'its namespace (default: default)')
  return addReportFlags(command).action(async (given: string, flags: { namespace?: string }) => {
    const key = {
      namespace: namespaceOf(flags.namespace ?? 'default', '--namespace'),
      name: serviceAccountName(given, '<name>')
    }
    const { connections, unread } = await report(io, flags, async app => {
      const account = await (await app.kubernetes()).serviceAccount(key)
      if (account !== undefined) return [account]
      throw new AzwiError(
        'ServiceAccountNotFound',
        `there is no service account "${key.name}" in the namespace "${key.namespace}"`,
        {
          hint: `list them: kubectl get serviceaccounts --namespace ${shellQuoted(key.namespace)}`
        }
      )
    })
    for (const connection of connections) await io.result(connectionView(connection, unread))
  })
}
