import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { millisecondsPerSecond } from '../test/faults/clock.js'
import { allSchedules } from '../test/faults/list.js'
import { createPlayer } from '../test/faults/player.js'
import type { Result, Schedule } from '../test/faults/schedule.js'
import { isGood, table } from '../test/faults/table.js'

/**
 * Shows that the flows survive what Azure does to them: every request × every kind of fault, each run to its end against a sandbox and compared
 * with the undisturbed end. `npm run faults`, or `npm run faults -- <text>` for the schedules whose description holds the text.
 */

/** Most of a schedule with a stall is waiting: several are played side by side in a process. */
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
    `A second of the tool's clock lasts ${millisecondsPerSecond} ms here: its waits, its --timeout, and the timer of 30 s after which it gives a request up.`
  )
  console.log(
    'A stall holds a request for 32 such seconds: the tool gives it up and sends it again, and the sandbox has done it never, at once, or only then.'
  )
  console.log(
    'SIGKILL: the run is cut off, and nothing more of it reaches the sandbox; "real SIGKILL" kills the binary in a process of its own, in real time.\n'
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

/** Hands a worker one schedule after the other for each of its lanes. */
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

/** Plays what it is given, until every lane is given nothing. */
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
  // Without its leader, or without work, a worker has nothing left to do.
  process.on('disconnect', () => process.exit())
  for (let lane = 0; lane < lanes; lane++) say({ lane, result: undefined })
}
