import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Measured, runAzwi } from './child.js'
import { openSlowCloud } from './cloud.js'
import type { Row } from './row.js'
import { interleaved, median } from './statistics.js'

const accounts = 500
const latency = 20
const rounds = 7

/** Measures `doctor -A` of a whole cluster when every request takes 20 ms. */
export async function doctorRows(): Promise<Row[]> {
  const cloud = await openSlowCloud(0, 'AzurePublicCloud')
  try {
    const file = join(cloud.directory, 'workloads.yaml')
    const names = Array.from({ length: accounts }, (_, index) => `- name: app-${index}`)
    await writeFile(
      file,
      [
        'set: bench',
        'defaults:',
        '  roles:',
        '  - { role: Reader, scope: "rg:azwi-sandbox" }',
        'workloads:',
        ...names,
        ''
      ].join('\n')
    )
    await runAzwi(['sa', 'apply', '-f', file], cloud.environment)
    cloud.setLatency(latency)
    cloud.takeRequests()
    const runs: Measured[] = []
    let requests = 0
    await interleaved(rounds, {
      doctor: async round => {
        const run = await runAzwi(['doctor', '-A', '-o', 'name'], cloud.environment)
        requests = cloud.takeRequests()
        if (round > 0) runs.push(run)
        return run.milliseconds
      }
    })
    const seconds = median(runs.map(({ milliseconds }) => milliseconds)) / 1000
    const megabytes = median(runs.map(({ peakMegabytes }) => peakMegabytes))
    return [
      {
        what: '`doctor -A` of 500 service accounts at 20 ms: seconds',
        goal: 20,
        measured: seconds,
        unit: ' s',
        how: `${requests} requests, ${megabytes.toFixed(0)} MB, median of ${rounds}`
      }
    ]
  } finally {
    await cloud.close()
  }
}
