import type { App } from '../../app.js'
import { LoginError, UsageError } from '../../errors.js'
import type { Service } from '../../phases/context.js'
import { createDeniedReads, type DeniedReads } from '../../phases/refusals.js'

export interface ReachableServices {
  readonly services: ReadonlySet<Service>
  readonly refusals: DeniedReads
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
    return { services: new Set(['kubernetes']), refusals: createDeniedReads([['Azure', sentence(error)]]) }
  }
  try {
    await app.prepare(new Set(['arm']))
  } catch (error) {
    // The login is there, so only a subscription can be missing: in a tenant without one, applications can still be seen.
    if (!(error instanceof UsageError)) throw error
    return {
      services: new Set(['kubernetes', 'graph']),
      refusals: createDeniedReads([['managed identities and roles', sentence(error)]])
    }
  }
  return { services: new Set(['kubernetes', 'graph', 'arm']), refusals: createDeniedReads() }
}

const sentence = ({ message, hint }: LoginError | UsageError): string =>
  hint === undefined ? message : `${message} (${hint})`
