import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { flows } from './flows.js'
import { kindNames } from './kinds.js'
import { createPlayer } from './player.js'
import { rehearse, type Result } from './schedule.js'
import { several } from './several.js'
import { openStage } from './stage.js'
import { isGood } from './table.js'

/** Determines which request gets which kind of fault. `npm run faults` runs all combinations. */
const seed = 4

const number = (text: string): number => createHash('sha256').update(`${seed} ${text}`).digest().readUInt32BE(0)

describe('a flow with a fault', () => {
  it.concurrent.each(flows.slice(0, 4).map(flow => [flow.name, flow] as const))(
    'ends in the same state as without one: %s',
    { timeout: 60_000 },
    async (name, flow) => {
      const stage = await openStage(flow)
      const labels = (await rehearse(stage)).labels.filter(
        label => !label.startsWith('issuer ') && !/ #\d+$/.test(label)
      )
      await stage.close()
      const player = createPlayer()
      const results: Result[] = []
      for (const kind of kindNames)
        results.push(await player.play({ flow: name, kind, label: labels[number(name + kind) % labels.length]! }))
      results.push(await player.play({ flow: name, kind: several, label: `seed ${seed}` }))
      await player.close()
      expect(results.filter(result => !isGood(result))).toEqual([])
      expect(results).toHaveLength(kindNames.length + 1)
    }
  )
})
