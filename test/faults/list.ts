import { flows, type FlowUnderTest } from './flows.js'
import { kindNames } from './kinds.js'
import { realKinds } from './real-kill.js'
import { rehearse, type Schedule } from './schedule.js'
import { several } from './several.js'
import { misledSchedules, type MisledSchedule, rehearseMisled } from './misled.js'
import { misledFlows } from './misleading-flows.js'
import { openStage } from './stage.js'

const rehearsals = 3
const seeds = 20
/** One of this many requests of a flow gets a schedule that kills the real process. */
const stride = 3

/** Returns all schedules: every request of each flow with every kind of fault, then random faults, then kills of the real binary. */
export async function allSchedules(): Promise<Schedule[]> {
  const requests = new Map(await Promise.all(flows.map(async flow => [flow.name, await requestsOf(flow)] as const)))
  return flows.flatMap(flow => {
    const known = requests.get(flow.beyond ?? '') ?? []
    const labels = requests.get(flow.name)!.filter(label => !known.includes(label))
    return [
      ...kindNames.flatMap(kind => labels.map(label => ({ flow: flow.name, kind, label }))),
      ...Array.from({ length: seeds }, (_, seed) => ({ flow: flow.name, kind: several, label: `seed ${seed}` })),
      ...labels
        .filter((_, index) => index % stride === stride - 1)
        .map((label, index) => ({ flow: flow.name, kind: realKinds[index % 2]!, label }))
    ]
  })
}

/**
 * Returns the labels of the requests that azwi sends in every run without faults. The number of token requests varies. Requests from Entra to the issuer
 * are not requests of azwi.
 */
export async function requestsOf(flow: FlowUnderTest): Promise<string[]> {
  const stage = await openStage(flow)
  const runs: (readonly string[])[] = []
  for (let count = 0; count < rehearsals; count++) runs.push((await rehearse(stage)).labels)
  await stage.close()
  return runs[0]!.filter(label => !label.startsWith('issuer ') && runs.every(labels => labels.includes(label)))
}

/** Returns the schedules with misleading answers: every request of each flow with each answer. */
export async function allMisledSchedules(): Promise<MisledSchedule[]> {
  const schedules = await Promise.all(
    misledFlows.map(async flow => {
      const stage = await openStage(flow)
      const rehearsal = await rehearseMisled(stage, flow)
      await stage.close()
      return misledSchedules(flow, rehearsal)
    })
  )
  return schedules.flat()
}
