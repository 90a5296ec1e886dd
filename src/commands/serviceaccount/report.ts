import type { Command } from 'commander'
import { type App, createApp } from '../../app.js'
import type { ServiceAccount } from '../../clients/kubernetes/client.js'
import { optionsOf } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import type { Io } from '../../terminal/io.js'
import { isIncomplete } from '../../connections/model.js'
import { type Connections, readConnections } from '../../connections/reading.js'
import { refuseContradictions } from '../../identities/choice.js'
import { addFlags } from '../flags.js'
import { LoginError, UsageError } from '../../errors.js'
import type { Service } from '../../context.js'
import { createDeniedReads, type DeniedReads } from '../../connections/denied-reads.js'

/** The options of list, get and doctor. */
export const reportOptions = optionsOf('list')

/** The connections of the chosen service accounts. */
interface Report extends Connections {
  /** The parts that could not be read, with the reason for each. */
  readonly unread: ReadonlyMap<string, string>
}

/** Declares the flags that select the cluster and the login. */
export function addReportFlags(command: Command): Command {
  addFlags(command, reportOptions)
  return command
}

/** Returns the message for a namespace, or for a cluster, without annotated service accounts. */
export const noConnectionsMessage = (namespace: string | undefined): string =>
  `no service account is annotated for workload identity in ${namespace === undefined ? 'the cluster' : `the namespace ${namespace}`}`

/** Reads the connections of the service accounts that `choose` returns. Warns of denied reads if the result is incomplete. */
export async function report(
  io: Io,
  flags: Readonly<Record<string, unknown>>,
  choose: (app: App) => Promise<readonly ServiceAccount[]>
): Promise<Report> {
  const settings = new Settings(reportOptions, flags, io.host.environment)
  refuseContradictions(settings)
  const app = createApp(io, settings)
  try {
    const { services, deniedReads } = await availableServices(app)
    const found = await readConnections(app, services, deniedReads, () => choose(app))
    const unread =
      found.issuer === undefined || found.connections.some(isIncomplete)
        ? deniedReads.unread
        : new Map<string, string>()
    for (const [part, reason] of unread) io.log.warn(`could not read ${part}: ${reason}`)
    return { ...found, unread }
  } finally {
    await app.close()
  }
}

interface AvailableServices {
  readonly services: ReadonlySet<Service>
  /** Contains the services that are not available, with the reason. */
  readonly deniedReads: DeniedReads
}

/**
 * Returns the services that a report can use. Sends no request.
 *
 * Without a login, the report shows only what the cluster knows, with the status `unknown`: a user of kubectl has a kubeconfig, but might
 * not be logged in to the Azure CLI. Throws a LoginError if `--auth-method` chooses a login and it does not work.
 */
export async function availableServices(app: App): Promise<AvailableServices> {
  await app.prepare(new Set(['kubernetes']))
  try {
    await app.prepare(new Set(['graph']))
  } catch (error) {
    if (!(error instanceof LoginError) || app.settings.given('authMethod')) throw error
    return { services: new Set(['kubernetes']), deniedReads: createDeniedReads([['Azure', sentence(error)]]) }
  }
  try {
    await app.prepare(new Set(['arm']))
  } catch (error) {
    // The login works, so only a subscription is missing. Applications can be read without one.
    if (!(error instanceof UsageError)) throw error
    return {
      services: new Set(['kubernetes', 'graph']),
      deniedReads: createDeniedReads([['managed identities and roles', sentence(error)]])
    }
  }
  return { services: new Set(['kubernetes', 'graph', 'arm']), deniedReads: createDeniedReads() }
}

const sentence = ({ message, hint }: LoginError | UsageError): string =>
  hint === undefined ? message : `${message} (${hint})`
