import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { millisecondsPerSecond } from '../test/faults/clock.js'
import { allSchedules } from '../test/faults/list.js'
import { createPlayer } from '../test/faults/player.js'
import type { Result, Schedule } from '../test/faults/schedule.js'
import { isGood, table } from '../test/faults/table.js'

/**
 * Tests every request of the flows with every kind of fault. Each schedule runs against a sandbox, and its final state is compared with the one without
 * faults. `npm run faults` runs all schedules, `npm run faults -- <text>` those whose description contains the text.
 */

/** The number of schedules that run at the same time in a process, because a schedule with a stall mostly waits. */
const lanes = 4

interface Work {
  readonly lane: number
  readonly schedule: Schedule | undefined
}
interface Done {
  readonly lane: number
  readonly result: Result | undefined
}

if (process.send === undefined) await lead()
else follow()

async function lead(): Promise<void> {
  const started = performance.now()
  const [text = ''] = process.argv.slice(2)
  console.log(
    `A second on the clock of azwi takes ${millisecondsPerSecond} ms here: waits, --timeout, and the 30 s after which azwi cancels a request.`
  )
  console.log(
    'A stall holds a request for 32 such seconds. azwi cancels and repeats it. The sandbox handles it never, at once, or at the end of the stall.'
  )
  console.log(
    'SIGKILL: the sandbox receives no more requests of the run. "real SIGKILL" kills the binary in its own process, in real time.\n'
  )
  const queue = (await allSchedules()).filter(({ flow, kind, label }) => `${flow}: ${kind}: ${label}`.includes(text))
  const results: Result[] = []
  const workers = Array.from({ length: Math.min(2, availableParallelism()) }, () =>
    fork(fileURLToPath(import.meta.url))
  )
  await Promise.all(workers.map(worker => feed(worker, queue, results)))
  for (const result of results.filter(each => !isGood(each))) {
    console.log(
      `${result.flow}: ${result.kind}: ${result.label}${result.met ? '' : ' (never met)'}\n    ${result.trouble}`
    )
  }
  console.log(`\n${table(results)}`)
  console.log(`\nin ${Math.round((performance.now() - started) / 1000)} s`)
  process.exitCode = results.length > 0 && results.every(isGood) ? 0 : 1
}

/** Sends schedules to a worker, one at a time for each of its lanes. */
function feed(worker: ChildProcess, queue: Schedule[], results: Result[]): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('message', ({ lane, result }: Done) => {
      if (result !== undefined) results.push(result)
      worker.send({ lane, schedule: queue.shift() } satisfies Work)
    })
    worker.on('exit', code => {
      if (code === 0) resolve()
      else reject(new Error(`a worker ended with ${code}`))
    })
  })
}

/** Runs the schedules that it receives, until every lane has received `undefined`. */
function follow(): void {
  const players = Array.from({ length: lanes }, createPlayer)
  let open = lanes
  const say = (done: Done): void => {
    process.send?.(done)
  }
  process.on('message', ({ lane, schedule }: Work) => {
    void (async () => {
      const player = players[lane]!
      if (schedule !== undefined) {
        say({ lane, result: await player.play(schedule) })
        return
      }
      await player.close()
      open -= 1
      if (open === 0) process.disconnect()
    })()
  })
  // A worker exits if the leader has exited or all schedules are done.
  process.on('disconnect', () => process.exit())
  for (let lane = 0; lane < lanes; lane++) say({ lane, result: undefined })
}
