import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MisledResult, type MisledSchedule, misledSchedules, nameOf, rehearseMisled } from './misled.js'
import { createMisledPlayer } from './misled-player.js'
import { misledFlows } from './misleading-flows.js'
import { openStage } from './stage.js'

/** Determines which request gets which answer. `npm run faults` runs all combinations. */
const seed = 2

const rank = ({ lie, label }: MisledSchedule): string =>
  createHash('sha256')
    .update(`${seed} ${nameOf(lie)} ${label}`)
    .digest('hex')

/** One flow for each verb. */
const flowNames = ['create, application', 'delete, managed identity', 'apply, managed identity', 'prune, application']

/** Returns one schedule for each answer. */
function sampleOf(schedules: readonly MisledSchedule[]): MisledSchedule[] {
  return [...new Set(schedules.map(({ lie }) => nameOf(lie)))].map(
    name =>
      schedules
        .filter(({ lie, label }) => nameOf(lie) === name && !/ #\d+$/.test(label))
        .toSorted((one, other) => rank(one).localeCompare(rank(other)))[0]!
  )
}

describe('a flow with a misleading answer', () => {
  it.concurrent.each(
    misledFlows.filter(({ name }) => flowNames.includes(name)).map(flow => [flow.name, flow] as const)
  )('ends as without it, or is refused and can be repeated: %s', { timeout: 180_000 }, async (_name, flow) => {
    const stage = await openStage(flow)
    const sample = sampleOf(misledSchedules(flow, await rehearseMisled(stage, flow)))
    await stage.close()
    const player = createMisledPlayer()
    const results: MisledResult[] = []
    for (const schedule of sample) results.push(await player.play(schedule))
    await player.close()
    expect(results.filter(({ verdict }) => verdict === 'failed')).toEqual([])
    expect(results.some(({ verdict }) => verdict === 'refused')).toBe(true)
  })
})
