import { namespace as parseNamespace, serviceAccountName } from '../../config/parse.js'
import { isAnnotated } from '../../connections/model.js'
import { AzwiError, shellQuoted } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { connectionListView, connectionView } from '../../terminal/views/connections.js'
import { noConnectionsMessage, report } from './report.js'

/** The flags of list and get as commander collects them. */
export interface ListFlags extends Readonly<Record<string, unknown>> {
  readonly namespace?: string
}

/** Shows the annotated service accounts of one namespace, or of the whole cluster. */
export async function listConnections(io: Io, flags: ListFlags): Promise<void> {
  const namespace = flags.namespace === undefined ? undefined : parseNamespace(flags.namespace, '--namespace')
  const found = await report(io, flags, async app =>
    (await (await app.kubernetes()).serviceAccounts(namespace)).filter(isAnnotated)
  )
  if (found.connections.length === 0) io.log.info(noConnectionsMessage(namespace))
  await io.printResult(connectionListView(found))
}

/** Shows one service account, annotated or not. Throws an AzwiError if the cluster does not have it. */
export async function getConnection(io: Io, nameText: string, flags: ListFlags): Promise<void> {
  const namespace = parseNamespace(flags.namespace ?? 'default', '--namespace')
  const name = serviceAccountName(nameText, '<name>')
  const { connections, unread } = await report(io, flags, async app => {
    const account = await (await app.kubernetes()).serviceAccount({ namespace, name })
    if (account !== undefined) return [account]
    throw new AzwiError(
      'ServiceAccountNotFound',
      `there is no service account "${name}" in the namespace "${namespace}"`,
      { hint: `list them: kubectl get serviceaccounts --namespace ${shellQuoted(namespace)}` }
    )
  })
  for (const connection of connections) await io.printResult(connectionView(connection, unread))
}
