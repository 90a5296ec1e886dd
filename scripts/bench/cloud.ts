import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CloudName } from '../../sandbox/src/clouds/names.js'
import { startSandbox } from '../../sandbox/src/sandbox.js'
import { snapshotState } from '../../test/helpers/state-reset.js'

/** A sandbox that delays every answer. */
export interface SlowCloud {
  /** The environment variables with which the binary uses this sandbox. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** Deletes everything that was created in the sandbox. */
  readonly reset: () => void
  /** Returns when the first request since `takeRequests` arrived, on the clock of `performance.now()`. */
  readonly firstRequestAt: () => number
  /** Returns the number of requests since the last call. */
  readonly takeRequests: () => number
  /** Changes the delay of later requests. */
  readonly setLatency: (milliseconds: number) => void
  readonly close: () => Promise<void>
}

/**
 * Starts a sandbox that waits for `latencyAtFirst` milliseconds before it answers a request. With `cloud` it uses the
 * host names of that cloud, as most users have it; without, azwi finds the cloud by its metadata document, which is one
 * more request.
 */
export async function openSlowCloud(latencyAtFirst: number, cloud?: CloudName): Promise<SlowCloud> {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-bench-'))
  let latency = latencyAtFirst
  let first = Infinity
  const sandbox = await startSandbox({
    ...(cloud === undefined ? {} : { cloud }),
    intercept: async (_request, _service, next) => {
      first = Math.min(first, performance.now())
      if (latency > 0) await sleep(latency)
      return next()
    }
  })
  return {
    environment: await sandbox.environment(directory),
    directory,
    reset: snapshotState(sandbox.state),
    setLatency: milliseconds => {
      latency = milliseconds
    },
    firstRequestAt: () => first,
    takeRequests: () => {
      first = Infinity
      return sandbox.requests.splice(0).length
    },
    close: async () => {
      await sandbox.close()
      await rm(directory, { recursive: true, force: true })
    }
  }
}
