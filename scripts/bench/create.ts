import { azwiFile, runNode } from './child.js'
import { openSlowCloud } from './cloud.js'
import type { Row } from './row.js'
import { interleaved, median } from './statistics.js'

const rounds = 7
const latency = 100

/**
 * `sa create` where every request takes 100 ms, less the start-up of the tool (`azwi version -o text`: the version alone is answered without it). What is left is the chain of requests that
 * wait for one another, and what the loading of the SDKs adds to it; the column at the right says what the chain alone is, from the same
 * lines without latency.
 */
export async function createRows(): Promise<Row[]> {
  const cloud = await openSlowCloud(latency, 'AzurePublicCloud')
  try {
    const azwi = (...words: readonly string[]): Promise<number> => runNode([azwiFile, ...words], cloud.environment)
    const create = (name: string, ...more: readonly string[]): Promise<number> =>
      azwi('sa', 'create', '--service-account-name', name, '--grant', 'Reader=rg:azwi-sandbox', ...more)
    const managed = (name: string): Promise<number> =>
      create(`mi-${name}`, '--managed-identity-name', `identity-${name}`, '--managed-identity-resource-group', 'azwi-sandbox')
    const at = async (milliseconds: number, work: () => Promise<number>): Promise<number> => {
      cloud.setLatency(milliseconds)
      return work()
    }
    const found = await interleaved(rounds, {
      startUp: () => azwi('version', '-o', 'text'),
      application: round => at(latency, () => create(`app-${round}`)),
      applicationAtOnce: round => at(0, () => create(`fast-${round}`)),
      unchanged: round => at(latency, () => create(`app-${round}`)),
      unchangedAtOnce: round => at(0, () => create(`fast-${round}`)),
      managedIdentity: round => at(latency, () => managed(String(round))),
      managedIdentityAtOnce: round => at(0, () => managed(`fast-${round}`))
    })
    const startUp = median(found.startUp)
    const row = (what: string, goal: number, walls: readonly number[], atOnce: readonly number[]): Row => ({
      what, goal, measured: (median(walls) - startUp) / latency,
      how: `(${median(walls).toFixed(0)} ms − ${startUp.toFixed(0)} ms of start-up) / ${latency} ms, median of ${rounds}; the chain alone: ${((median(walls) - median(atOnce)) / latency).toFixed(2)} (${median(atOnce).toFixed(0)} ms without latency)`
    })
    return [
      row('`sa create` (application, role) at 100 ms latency: wall less start-up, over 100 ms', 6.5, found.application, found.applicationAtOnce),
      row('the same for a managed identity', 5.5, found.managedIdentity, found.managedIdentityAtOnce),
      row('second, unchanged `sa create` at 100 ms', 4.5, found.unchanged, found.unchangedAtOnce)
    ]
  } finally {
    await cloud.close()
  }
}
