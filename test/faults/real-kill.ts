import { run, start } from '../helpers/binary.js'
import type { EndState } from './end-state.js'
import { type FlowUnderTest, lineOf } from './flows.js'
import { createCounter, labelOf } from './labels.js'
import { judge, type Verdict } from './schedule.js'
import type { Stage } from './stage.js'

export const realKinds = ['real SIGKILL before', 'real SIGKILL after'] as const
export type RealKind = (typeof realKinds)[number]

/** Runs the binary in its own process, kills it while it waits for the response to one request, and runs the same command line again. */
export async function playRealKill(
  stage: Stage,
  flow: FlowUnderTest,
  kind: RealKind,
  label: string,
  wanted: EndState
): Promise<Verdict & { met: boolean }> {
  stage.reset()
  const { words } = lineOf(flow.line(stage.sandbox.state))
  const number = createCounter()
  let met = false
  const { child, ended } = start(words, stage.environment)
  stage.direct(async (request, service, next) => {
    if (met || number(labelOf(request, service)) !== label) return next()
    met = true
    if (kind === 'real SIGKILL after') await next()
    child.kill('SIGKILL')
    await ended
    return 'cut'
  })
  await ended
  await stage.settled()
  stage.direct(undefined)
  const { status, stderr } = await run(words, stage.environment)
  return { ...judge(stage, [{ status: status ?? -1, stderr, longestWait: 0 }], wanted), met }
}
