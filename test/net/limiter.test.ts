import { describe, expect, it } from 'vitest'
import { createLimiter, type Limiter } from '../../src/net/limiter.js'

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Work that runs until the test ends it. */
function workload(limiter: Limiter) {
  const running: { readonly name: number; readonly end: (error?: Error) => void }[] = []
  return {
    running: () => running.map(({ name }) => name),
    start: (...names: readonly number[]) =>
      names.map(name =>
        limiter.run(
          () =>
            new Promise<number>((resolve, reject) => {
              const end = (error?: Error): void => {
                running.splice(running.indexOf(job), 1)
                if (error === undefined) resolve(name)
                else reject(error)
              }
              const job = { name, end }
              running.push(job)
            })
        )
      ),
    /** Ends the work that has run longest. */
    endOldest: async (error?: Error) => {
      running[0]?.end(error)
      await turn()
    }
  }
}

describe('the limiter', () => {
  it('runs at most as much work as the limit, in the order of the calls, and returns each result', async () => {
    const work = workload(createLimiter(2))
    const results = Promise.all(work.start(1, 2, 3, 4))
    await turn()
    expect(work.running()).toEqual([1, 2])
    await work.endOldest()
    expect(work.running()).toEqual([2, 3])
    await work.endOldest()
    expect(work.running()).toEqual([3, 4])
    await work.endOldest()
    await work.endOldest()
    expect(await results).toEqual([1, 2, 3, 4])
  })

  it('starts the next work when one fails, and passes the failure on', async () => {
    const work = workload(createLimiter(1))
    const [first, second] = work.start(1, 2)
    const failure = expect(first).rejects.toThrow('refused')
    await turn()
    await work.endOldest(new Error('refused'))
    await failure
    expect(work.running()).toEqual([2])
    await work.endOldest()
    expect(await second).toBe(2)
  })

  it('halves the limit when a service throttles', async () => {
    const limiter = createLimiter(8)
    limiter.throttled()
    const work = workload(limiter)
    void Promise.all(work.start(1, 2, 3, 4, 5, 6))
    await turn()
    expect(work.running()).toEqual([1, 2, 3, 4])
  })

  it('still runs one at a time, however often a service throttles', async () => {
    const limiter = createLimiter(4)
    for (let count = 0; count < 10; count++) limiter.throttled()
    const work = workload(limiter)
    void Promise.all(work.start(1, 2))
    await turn()
    expect(work.running()).toEqual([1])
    // One success raises the limit from 1 to 2, so it never fell below 1.
    await work.endOldest()
    void Promise.all(work.start(3, 4))
    await turn()
    expect(work.running()).toEqual([2, 3])
  })

  it('raises the limit by one for every full round of successes, up to the maximum', async () => {
    const limiter = createLimiter(4)
    limiter.throttled()
    const work = workload(limiter)
    void Promise.all(work.start(...Array.from({ length: 40 }, (_, index) => index)))
    await turn()
    const counts: number[] = []
    for (let round = 0; round < 12; round++) {
      await work.endOldest()
      counts.push(work.running().length)
    }
    // 2 + 1/2 = 2.5; + 1/2.5 = 2.9; + 1/2.9 = 3.2; 3.6; 3.8; 4.1, which is more than the maximum.
    expect(counts).toEqual([2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4])
  })

  it('does not raise the limit for a failure', async () => {
    const limiter = createLimiter(4)
    limiter.throttled()
    const work = workload(limiter)
    const results = Promise.allSettled(work.start(1, 2, 3, 4, 5, 6, 7, 8))
    await turn()
    for (let count = 0; count < 5; count++) {
      await work.endOldest(new Error('refused'))
      expect(work.running()).toHaveLength(2)
    }
    for (let count = 0; count < 3; count++) await work.endOldest()
    await results
  })
})
