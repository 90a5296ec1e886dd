import { describe, expect, it } from 'vitest'
import { createRetryBudget } from '../../src/net/retry-budget.js'

/** A budget of a minute on a clock that moves only when azwi sleeps. */
function budgetOf(timeout = 60_000, sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>) {
  const interruption = new AbortController()
  const ended = new AbortController()
  const lines: string[] = []
  const slept: number[] = []
  let time = 1000
  const budget = createRetryBudget(
    {
      now: () => time,
      sleep:
        sleep ??
        (milliseconds => {
          slept.push(milliseconds)
          time += milliseconds
          return Promise.resolve()
        }),
      interruption: interruption.signal
    },
    { info: line => void lines.push(line) },
    timeout,
    ended.signal
  )
  return { budget, interruption, ended, lines, slept }
}
const untilAborted = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new Error('the sleep was aborted'))
    })
  })

describe('the retry budget', () => {
  it('waits, logs why, and spends what it waits', async () => {
    const { budget, lines, slept } = budgetOf()
    expect(budget.remaining()).toBe(60_000)
    await budget.wait(1500, 'the directory is slow')
    await budget.wait(58_499, 'it is very slow')
    expect(slept).toEqual([1500, 58_499])
    expect(budget.remaining()).toBe(1)
    expect(lines).toEqual(['waiting 1.5s: the directory is slow', 'waiting 58.5s: it is very slow'])
  })

  it('refuses a wait that would end at the time-out or later, without waiting', async () => {
    const { budget, lines, slept } = budgetOf()
    await budget.wait(50_000, 'slow')
    for (const milliseconds of [10_000, 20_000]) {
      await expect(budget.wait(milliseconds, 'slow')).rejects.toMatchObject({
        code: 'Timeout',
        message: `slow; the next try would be in ${milliseconds / 1000}s, and 10s of --timeout 60s are left`
      })
    }
    expect(slept).toEqual([50_000])
    expect(lines).toHaveLength(1)
    await budget.wait(9999, 'slow')
  })

  it.each([
    [60_000, 60_000, '4m'],
    [60_000, 60_001, '6m'],
    [300_000, 3_600_000, '130m']
  ])('of %i ms suggests more time for a wait of %i ms: %s', async (timeout, milliseconds, suggestion) => {
    await expect(budgetOf(timeout).budget.wait(milliseconds, 'slow')).rejects.toMatchObject({
      hint: `run the same line again later, or with more time: --timeout ${suggestion}`
    })
  })

  it('reports no negative time as left', async () => {
    await expect(budgetOf(-1000).budget.wait(1000, 'slow')).rejects.toThrow('and 0s of --timeout -1s are left')
  })

  it('ends a wait when the user interrupts it', async () => {
    const { budget, interruption } = budgetOf(60_000, untilAborted)
    const wait = budget.wait(1000, 'slow')
    interruption.abort('SIGTERM')
    await expect(wait).rejects.toMatchObject({ code: 'Interrupted', message: 'interrupted by SIGTERM' })
  })

  it('ends a wait when the command ends, without calling that an interruption', async () => {
    const { budget, ended } = budgetOf(60_000, untilAborted)
    const wait = budget.wait(1000, 'slow')
    ended.abort()
    await expect(wait).rejects.toThrow('the sleep was aborted')
  })

  it('starts no wait after the command has ended', async () => {
    const { budget, ended, slept, lines } = budgetOf()
    ended.abort()
    await expect(budget.wait(1000, 'slow')).rejects.toMatchObject({ name: 'AbortError' })
    expect([...slept, ...lines]).toEqual([])
  })
})
