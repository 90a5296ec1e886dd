import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Measured, runAzwi } from './child.js'
import { openSlowCloud, type SlowCloud } from './cloud.js'
import type { Row } from './row.js'
import { interleaved, median } from './statistics.js'

const most = 1000
const fewer = 100
const latency = 50
const concurrency = 16
const rounds = 7

interface Applied extends Measured {
  readonly requests: number
}

/** Measures `apply` of many workloads when every request takes 50 ms. */
export async function fleetRows(): Promise<Row[]> {
  const cloud = await openSlowCloud(latency)
  try {
    const apply = await applier(cloud)
    const runs: Record<'fresh' | 'again' | 'few', Applied[]> = { fresh: [], again: [], few: [] }
    const wall = async (name: keyof typeof runs, count: number, round: number): Promise<number> => {
      if (name !== 'again') cloud.reset()
      const applied = await apply(count)
      if (round > 0) runs[name].push(applied)
      return applied.milliseconds
    }
    await interleaved(rounds, {
      few: round => wall('few', fewer, round),
      fresh: round => (round === 0 ? Promise.resolve(0) : wall('fresh', most, round)),
      again: round => (round === 0 ? Promise.resolve(0) : wall('again', most, round))
    })
    return rowsOf(runs)
  } finally {
    await cloud.close()
  }
}

function rowsOf(runs: Readonly<Record<'fresh' | 'again' | 'few', readonly Applied[]>>): Row[] {
  const figure = (name: keyof typeof runs, key: keyof Applied): number => median(runs[name].map(run => run[key]))
  const taken = `median of ${runs.fresh.length}`
  const [wall, wallOfFew, requests] = [
    figure('fresh', 'milliseconds'),
    figure('few', 'milliseconds'),
    figure('fresh', 'requests')
  ]
  const ideal = (requests * latency) / concurrency
  return [
    {
      what: '`apply` of 1,000 workloads at 50 ms, concurrency 16: wall over (requests × 50 ms / 16)',
      goal: 1.3,
      measured: wall / ideal,
      how: `${(wall / 1000).toFixed(1)} s / ${(ideal / 1000).toFixed(1)} s, ${taken}`
    },
    {
      what: 'the same: requests for each workload, new',
      goal: 6,
      measured: requests / most,
      how: `${requests} requests`
    },
    {
      what: 'the same: requests for each workload, unchanged',
      goal: 1.5,
      measured: figure('again', 'requests') / most,
      how: `${figure('again', 'requests')} requests, ${(figure('again', 'milliseconds') / 1000).toFixed(1)} s`
    },
    {
      what: 'the same: peak memory, new',
      goal: 300,
      measured: figure('fresh', 'peakMegabytes'),
      unit: ' MB',
      how: `maxRSS of the process, ${taken}`
    },
    {
      what: 'the same: peak memory, unchanged',
      goal: 300,
      measured: figure('again', 'peakMegabytes'),
      unit: ' MB',
      how: `maxRSS of the process, ${taken}`
    },
    {
      what: '`apply` of 1,000 against 100: wall ratio',
      goal: 11,
      measured: wall / wallOfFew,
      how: `${(wall / 1000).toFixed(1)} s / ${(wallOfFew / 1000).toFixed(1)} s, ${taken}`
    }
  ]
}

async function applier(cloud: SlowCloud): Promise<(count: number) => Promise<Applied>> {
  const fileOf = (count: number): string => join(cloud.directory, `${count}.yaml`)
  await Promise.all([fewer, most].map(count => writeFile(fileOf(count), workloads(count))))
  return async count => {
    cloud.takeRequests()
    const measured = await runAzwi(
      ['sa', 'apply', '-f', fileOf(count), '--concurrency', String(concurrency)],
      cloud.environment
    )
    return { ...measured, requests: cloud.takeRequests() }
  }
}

/**
 * Returns a workloads file in which each workload has an application and a role of its own, which is the most work per
 * workload.
 */
function workloads(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `- name: app-${String(index).padStart(4, '0')}`)
  return [
    'set: bench',
    'defaults:',
    '  roles:',
    '  - { role: Reader, scope: "rg:azwi-sandbox" }',
    'workloads:',
    ...names,
    ''
  ].join('\n')
}
