import { Command } from 'commander'
import { namespace as namespaceOf } from '../../config/parse.js'
import { connectionListView } from '../../terminal/views/connections.js'
import type { Io } from '../../terminal/io.js'
import { isConnected } from '../../connections/reading.js'
import { addReportFlags, noneConnected, report } from './report.js'

/** What it does, in a line. */
export const listSummary = 'List what is connected to what, and what does not fit'

/** `azwi serviceaccount list`: the service accounts that are annotated for workload identity, each with its identity, credentials and roles. */
export function listCommand(io: Io): Command {
  const command = new Command('list')
    .summary(listSummary)
    .description(
      'Lists the annotated service accounts of the cluster with their identities, credentials and roles, and marks what does not fit.'
    )
    .option('-n, --namespace <namespace>', 'only this namespace (default: all)')
  return addReportFlags(command).action(async (flags: { namespace?: string }) => {
    const namespace = flags.namespace === undefined ? undefined : namespaceOf(flags.namespace, '--namespace')
    const found = await report(io, flags, async app =>
      (await (await app.kubernetes()).serviceAccounts(namespace)).filter(isConnected)
    )
    if (found.connections.length === 0) io.log.info(noneConnected(namespace))
    await io.result(connectionListView(found))
  })
}
