import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CloudName } from '../../sandbox/src/clouds/names.js'
import { startSandbox } from '../../sandbox/src/index.js'
import { rememberWorld } from '../../test/helpers/world-reset.js'

/** A sandbox whose every answer takes a while. */
export interface SlowCloud {
  /** What the binary needs in its environment to use it. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** Takes everything away again that was made in it. */
  readonly reset: () => void
  /** When the first request since `takeRequests` came in, on the clock of `performance.now()`. */
  readonly firstRequestAt: () => number
  /** Requests since this was last called. */
  readonly takeRequests: () => number
  /** From now on. */
  readonly setLatency: (milliseconds: number) => void
  readonly close: () => Promise<void>
}

/**
 * Starts one: every request, to whichever service, waits for so many milliseconds before it is answered. With `cloud` it plays a cloud that azwi
 * knows, by its host names, as most users have it; else one that is found by its metadata document, which is a request more.
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
    reset: rememberWorld(sandbox.state),
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
