import type { Command } from 'commander'
import { createApp, type App } from '../../app.js'
import type { ServiceAccount } from '../../clients/kubernetes.js'
import { azureOptions, clusterOptions, type OptionName } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import type { Io } from '../../output/io.js'
import { isIncomplete } from '../../phases/connection.js'
import { readConnections, type Connections } from '../../phases/connections.js'
import { refuseContradictions } from '../../phases/identity-choice.js'
import { addFlags } from '../flags.js'
import { reachableServices } from './reach.js'

/** What list, get and doctor take, beside what they are asked about. */
export const reportOptions = [
  'serviceAccountIssuerUrl',
  'aksCluster',
  'aksResourceGroup',
  'audience',
  'timeout',
  ...clusterOptions,
  ...azureOptions
] as const satisfies readonly OptionName[]

export interface Report extends Connections {
  /** What could not be read, and why. */
  readonly unread: ReadonlyMap<string, string>
}

/** Declares the flags that say which cluster, and as whom. */
export function addReportFlags(command: Command): Command {
  addFlags(command, reportOptions)
  return command
}

/** What to say where nothing in a namespace, or in the cluster, is there to report of. */
export const noneConnected = (namespace: string | undefined): string =>
  `no service account is annotated for workload identity in ${namespace === undefined ? 'the cluster' : `the namespace ${namespace}`}`

/** Follows the service accounts that `choose` finds in the cluster; warns of what may not be read, where it makes a difference. */
export async function report(
  io: Io,
  flags: Readonly<Record<string, unknown>>,
  choose: (app: App) => Promise<readonly ServiceAccount[]>
): Promise<Report> {
  const settings = new Settings(reportOptions, flags, io.host.environment)
  refuseContradictions(settings)
  const app = createApp(io, settings)
  try {
    const { services, refusals } = await reachableServices(app)
    const found = await readConnections(app, services, refusals, () => choose(app))
    const unread =
      found.issuer === undefined || found.connections.some(isIncomplete) ? refusals.unread : new Map<string, string>()
    for (const [what, why] of unread) io.log.warn(`could not read ${what}: ${why}`)
    return { ...found, unread }
  } finally {
    app.close()
  }
}
