import type { EndState } from './end-state.js'
import { flows, type FlowUnderTest } from './flows.js'
import type { Kind } from './kinds.js'
import { playRealKill, type RealKind, realKinds } from './real-kill.js'
import { playOne, rehearse, type Result, type Schedule, type Verdict } from './schedule.js'
import { playSeveral, several } from './several.js'
import { openStage, type Stage } from './stage.js'

export interface Player {
  readonly play: (schedule: Schedule) => Promise<Result>
  readonly close: () => Promise<void>
}

/** A fault might miss its request, because the number of token requests varies. The schedule then runs again. */
const mostTries = 4

/** Runs schedules one after another. Consecutive schedules of one flow share a sandbox. */
export function createPlayer(): Player {
  let current: { flow: FlowUnderTest; stage: Stage; wanted: EndState } | undefined
  const close = async (): Promise<void> => {
    await current?.stage.close()
    current = undefined
  }
  const open = async (name: string) => {
    if (current?.flow.name === name) return current
    await close()
    const flow = flows.find(each => each.name === name)!
    const stage = await openStage(flow)
    current = { flow, stage, wanted: (await rehearse(stage)).wanted }
    return current
  }
  return {
    close,
    play: async schedule => {
      const { flow, stage, wanted } = await open(schedule.flow)
      for (let attempt = 1; ; attempt++) {
        const verdict = await playIn(stage, flow, schedule, wanted)
        if (verdict.met || attempt === mostTries) return { ...schedule, ...verdict }
      }
    }
  }
}

function playIn(
  stage: Stage,
  flow: FlowUnderTest,
  { kind, label }: Schedule,
  wanted: EndState
): Promise<Verdict & { met: boolean }> {
  if (kind === several) return playSeveral(stage, label, wanted)
  if ((realKinds as readonly string[]).includes(kind)) return playRealKill(stage, flow, kind as RealKind, label, wanted)
  return playOne(stage, kind as Kind, label, wanted)
}
