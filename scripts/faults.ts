import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { millisecondsPerSecond } from '../test/faults/clock.js'
import { allMisledSchedules, allSchedules } from '../test/faults/list.js'
import { type MisledResult, type MisledSchedule, nameOf } from '../test/faults/misled.js'
import { createMisledPlayer } from '../test/faults/misled-player.js'
import { misledTable } from '../test/faults/misled-table.js'
import { createPlayer } from '../test/faults/player.js'
import type { Result, Schedule } from '../test/faults/schedule.js'
import { isGood, table } from '../test/faults/table.js'

/**
 * Tests every request of the flows with every kind of fault, and with every kind of misleading answer. Each schedule runs against a sandbox, and its
 * final state is compared with the one without faults. `npm run faults` runs all schedules, `npm run faults -- <text>` those whose description contains
 * the text, for example `misleading`.
 */

/** The number of schedules that run at the same time in a process, because a schedule with a stall mostly waits. */
const lanes = 4

interface Work {
  readonly lane: number
  readonly schedule: Schedule | MisledSchedule | undefined
}
interface Done {
  readonly lane: number
  readonly result: Result | MisledResult | undefined
}

const isMisled = (each: Schedule | MisledSchedule): each is MisledSchedule => 'lie' in each
const isMisledResult = (each: Result | MisledResult): each is MisledResult => 'lie' in each
const isFaultResult = (each: Result | MisledResult): each is Result => !isMisledResult(each)
const describe = (each: Schedule | MisledSchedule): string =>
  `${each.flow}: ${isMisled(each) ? `misleading ${nameOf(each.lie)}` : each.kind}: ${each.label}`

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
  const queue = [...(await allSchedules()), ...(await allMisledSchedules())].filter(each =>
    describe(each).includes(text)
  )
  const all: (Result | MisledResult)[] = []
  const workers = Array.from({ length: Math.min(2, availableParallelism()) }, () =>
    fork(fileURLToPath(import.meta.url))
  )
  await Promise.all(workers.map(worker => feed(worker, queue, all)))
  const misled = all.filter(isMisledResult)
  const results = all.filter(isFaultResult)
  for (const result of results.filter(each => !isGood(each)))
    console.log(`${describe(result)}${result.met ? '' : ' (never met)'}\n    ${result.trouble}`)
  const failures = misled.filter(({ verdict }) => verdict === 'failed')
  for (const result of failures) console.log(`${describe(result)}\n    ${result.trouble}`)
  for (const result of misled.filter(({ verdict }) => verdict === 'undetectable'))
    console.log(`${describe(result)}\n    cannot be detected: the service gives the same answer`)
  if (results.length > 0) console.log(`\n${table(results)}`)
  if (misled.length > 0) console.log(`\nMisleading answers\n\n${misledTable(misled)}`)
  console.log(`\nin ${Math.round((performance.now() - started) / 1000)} s`)
  process.exitCode = all.length > 0 && results.every(isGood) && failures.length === 0 ? 0 : 1
}

/** Sends schedules to a worker, one at a time for each of its lanes. */
function feed(
  worker: ChildProcess,
  queue: (Schedule | MisledSchedule)[],
  results: (Result | MisledResult)[]
): Promise<void> {
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
  const players = Array.from({ length: lanes }, () => ({ faults: createPlayer(), misled: createMisledPlayer() }))
  let open = lanes
  const say = (done: Done): void => {
    process.send?.(done)
  }
  process.on('message', ({ lane, schedule }: Work) => {
    void (async () => {
      const player = players[lane]!
      if (schedule !== undefined) {
        const result = isMisled(schedule) ? player.misled.play(schedule) : player.faults.play(schedule)
        say({ lane, result: await result })
        return
      }
      await Promise.all([player.faults.close(), player.misled.close()])
      open -= 1
      if (open === 0) process.disconnect()
    })()
  })
  // A worker exits if the leader has exited or all schedules are done.
  process.on('disconnect', () => process.exit())
  for (let lane = 0; lane < lanes; lane++) say({ lane, result: undefined })
}
