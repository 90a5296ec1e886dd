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
    const { services, deniedReads } = await reachableServices(app)
    const found = await readConnections(app, services, deniedReads, () => choose(app))
    const unread =
      found.issuer === undefined || found.connections.some(isIncomplete)
        ? deniedReads.unread
        : new Map<string, string>()
    for (const [what, why] of unread) io.log.warn(`could not read ${what}: ${why}`)
    return { ...found, unread }
  } finally {
    await app.close()
  }
}

export interface ReachableServices {
  readonly services: ReadonlySet<Service>
  readonly deniedReads: DeniedReads
}

/**
 * Which services a report can be made from, found out without a request.
 *
 * Where nobody is logged in to the Azure CLI and no login is named, what the cluster says is shown alone, with a warning: whoever comes from
 * kubectl has a kubeconfig and asks about the cluster, and every line says `unknown`, so that nobody takes it for a clean bill. A login
 * that was named and does not work is an error, as everywhere: there somebody counts on the answer.
 */
export async function reachableServices(app: App): Promise<ReachableServices> {
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
    // The login is there, so only a subscription can be missing: in a tenant without one, applications can still be seen.
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
