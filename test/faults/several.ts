import { createHash } from 'node:crypto'
import type { EndState } from './end-state.js'
import { killing, type Kind, kindNames, kinds } from './kinds.js'
import { judge, type Verdict } from './schedule.js'
import type { Played, Script, Stage } from './stage.js'

export const several = 'several at once'

const passing = kindNames.filter(kind => !killing(kind))
const ending = kindNames.filter(killing)
const mostRuns = 4

/** About every fourth request meets a fault, and up to three runs are killed on the way. The seed decides all, whatever the order of the requests. */
export async function playSeveral(stage: Stage, seed: string, wanted: EndState): Promise<Verdict & { met: boolean }> {
  stage.reset()
  const runs: Played[] = []
  for (let run = 1; run <= mostRuns; run++) {
    const killed = new Set<string>()
    const script: Script = (label, next, kill) => {
      // That would be a fault of the sandbox's Entra, which would refuse a good token.
      if (label.startsWith('issuer ')) return undefined
      const kind = chosen(`${seed} ${run} ${label}`, run < mostRuns)
      if (kind === undefined) return undefined
      return kinds[kind](next, () => {
        killed.add(label)
        kill()
      })
    }
    runs.push(await stage.play(script))
    if (killed.size === 0) break
  }
  return { ...judge(stage, runs, wanted), met: true }
}

function chosen(key: string, mayKill: boolean): Kind | undefined {
  const digest = createHash('sha256').update(key).digest()
  const chance = digest.readUInt32BE(0) / 2 ** 32
  if (mayKill && chance > 0.95) return ending[digest[4]! % ending.length]
  return chance < 0.25 ? passing[digest[4]! % passing.length] : undefined
}
