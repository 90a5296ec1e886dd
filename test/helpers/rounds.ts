import { setTimeout as sleep } from 'node:timers/promises'
import type { useFaultySandbox } from './faulty-sandbox.js'

/** Answers requests only when no more come, all of them together; counts how often: the length of the longest chain of requests. */
export function countRounds({ fault }: Pick<ReturnType<typeof useFaultySandbox>, 'fault'>): () => number {
  let rounds = 0
  let release: Promise<unknown> | undefined
  let lastArrival = 0
  const quiet = async (): Promise<void> => {
    while (performance.now() - lastArrival < 150) await sleep(10)
    rounds += 1
    release = undefined
  }
  fault(async (_request, _service, next) => {
    lastArrival = performance.now()
    await (release ??= quiet())
    return next()
  })
  return () => rounds
}
