import { type MisledResult, type MisledSchedule, playMisled, type Rehearsal, rehearseMisled } from './misled.js'
import { misledFlows, type MisledFlow } from './misleading-flows.js'
import { openStage, type Stage } from './stage.js'

export interface MisledPlayer {
  readonly play: (schedule: MisledSchedule) => Promise<MisledResult>
  readonly close: () => Promise<void>
}

/** A fault might miss its request, because requests at the same time have no order. The schedule then runs again. */
const mostTries = 4

/** Runs schedules one after another. Consecutive schedules of one flow share a sandbox. */
export function createMisledPlayer(): MisledPlayer {
  let current: { flow: MisledFlow; stage: Stage; rehearsal: Rehearsal } | undefined
  const close = async (): Promise<void> => {
    await current?.stage.close()
    current = undefined
  }
  const open = async (name: string) => {
    if (current?.flow.name === name) return current
    await close()
    const flow = misledFlows.find(each => each.name === name)!
    const stage = await openStage(flow)
    current = { flow, stage, rehearsal: await rehearseMisled(stage, flow) }
    return current
  }
  return {
    close,
    play: async schedule => {
      const { flow, stage, rehearsal } = await open(schedule.flow)
      for (let attempt = 1; ; attempt++) {
        const result = await playMisled(stage, flow, schedule, rehearsal)
        if (result.isMet || attempt === mostTries) return result
      }
    }
  }
}
