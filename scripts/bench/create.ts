import { azwiFile, runNode } from './child.js'
import { openSlowCloud } from './cloud.js'
import type { Row } from './row.js'
import { interleaved, median } from './statistics.js'

const rounds = 7
const latency = 100

/**
 * Measures `sa create` when every request takes 100 ms, without its start-up, which is the time until the first request
 * reaches the cloud. What remains is the chain of dependent requests, and the work between them. The last column also
 * subtracts a stricter start-up, that of `azwi version -o text`, which loads no SDK; and gives the chain without the
 * work, by the difference to the same command without latency.
 */
export async function createRows(): Promise<Row[]> {
  const cloud = await openSlowCloud(latency, 'AzurePublicCloud')
  try {
    const azwi = (...words: readonly string[]): Promise<number> => runNode([azwiFile, ...words], cloud.environment)
    const startUps = new Map<string, number[]>()
    const create = async (
      kind: string,
      milliseconds: number,
      name: string,
      ...more: readonly string[]
    ): Promise<number> => {
      cloud.setLatency(milliseconds)
      cloud.takeRequests()
      const started = performance.now()
      const wall = await azwi(
        'sa',
        'create',
        '--service-account-name',
        name,
        '--grant',
        'Reader=rg:azwi-sandbox',
        ...more
      )
      if (milliseconds > 0) startUps.set(kind, [...(startUps.get(kind) ?? []), cloud.firstRequestAt() - started])
      return wall
    }
    const managed = (milliseconds: number, name: string): Promise<number> =>
      create(
        'managed',
        milliseconds,
        `mi-${name}`,
        '--managed-identity-name',
        `identity-${name}`,
        '--managed-identity-resource-group',
        'azwi-sandbox'
      )
    const found = await interleaved(rounds, {
      version: () => azwi('version', '-o', 'text'),
      application: round => create('application', latency, `app-${round}`),
      applicationAtOnce: round => create('application', 0, `fast-${round}`),
      unchanged: round => create('unchanged', latency, `app-${round}`),
      unchangedAtOnce: round => create('unchanged', 0, `fast-${round}`),
      managed: round => managed(latency, String(round)),
      managedAtOnce: round => managed(0, `fast-${round}`)
    })
    const version = median(found.version)
    const row = (what: string, goal: number, kind: 'application' | 'managed' | 'unchanged'): Row => {
      // `startUps` includes the warm-up round, and `found` does not.
      const [wall, startUp, atOnce] = [
        median(found[kind]),
        median(startUps.get(kind)!.slice(1)),
        median(found[`${kind}AtOnce`])
      ]
      const over = (from: number): string => ((wall - from) / latency).toFixed(2)
      return {
        what,
        goal,
        measured: (wall - startUp) / latency,
        how: `(${wall.toFixed(0)} ms − ${startUp.toFixed(0)} ms to the first request) / ${latency} ms, median of ${rounds}; less \`azwi version -o text\` (${version.toFixed(0)} ms): ${over(version)}; the chain alone: ${over(atOnce)}`
      }
    }
    return [
      row('`sa create` (application, role) at 100 ms latency: wall less start-up, over 100 ms', 6.5, 'application'),
      row('the same for a managed identity', 5.5, 'managed'),
      row('second, unchanged `sa create` at 100 ms', 4.5, 'unchanged')
    ]
  } finally {
    await cloud.close()
  }
}
