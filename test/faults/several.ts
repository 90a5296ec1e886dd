import { createHash } from 'node:crypto'
import type { EndState } from './end-state.js'
import { isKill, type Kind, kindNames, kinds } from './kinds.js'
import { judge, type Verdict } from './schedule.js'
import type { Played, Script, Stage } from './stage.js'

export const several = 'several at once'

const survivableKinds = kindNames.filter(kind => !isKill(kind))
const killKinds = kindNames.filter(isKill)
const mostRuns = 4

/** Gives about every fourth request a fault, and kills up to three runs. The seed determines the faults, independent of the order of the requests. */
export async function playSeveral(stage: Stage, seed: string, wanted: EndState): Promise<Verdict & { met: boolean }> {
  stage.reset()
  const runs: Played[] = []
  for (let run = 1; run <= mostRuns; run++) {
    const killed = new Set<string>()
    const script: Script = (label, next, kill) => {
      // A fault here would make the sandbox's Entra refuse a valid token.
      if (label.startsWith('issuer ')) return undefined
      const kind = chooseKind(`${seed} ${run} ${label}`, run < mostRuns)
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

function chooseKind(key: string, mayKill: boolean): Kind | undefined {
  const digest = createHash('sha256').update(key).digest()
  const chance = digest.readUInt32BE(0) / 2 ** 32
  if (mayKill && chance > 0.95) return killKinds[digest[4]! % killKinds.length]
  return chance < 0.25 ? survivableKinds[digest[4]! % survivableKinds.length] : undefined
}
