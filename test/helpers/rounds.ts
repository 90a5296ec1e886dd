import type { Clock } from './clock.js'
import type { useFaultySandbox } from './faulty-sandbox.js'

/**
 * Holds every request for one millisecond of the clock, which advances only while azwi waits. The elapsed time is then the length of the longest chain
 * of dependent requests.
 */
export function countRounds({ fault }: Pick<ReturnType<typeof useFaultySandbox>, 'fault'>, clock: Clock): () => number {
  const start = clock.now()
  fault(async (_request, _service, next) => {
    await clock.hold(1)
    return next()
  })
  return () => clock.now() - start
}
