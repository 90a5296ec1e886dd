import { cpus, totalmem } from 'node:os'
import { createRows } from './bench/create.js'
import { doctorRows } from './bench/doctor.js'
import { fleetRows } from './bench/fleet.js'
import { isMet, type Row, table } from './bench/row.js'
import { startUpRows } from './bench/start-up.js'

/**
 * Measures how fast azwi is, against goals: `npm run bench`, about seven minutes. Each row is a ratio or a count,
 * because times differ from machine to machine; commands that are compared run alternately. The binary is the built
 * one, and the cloud is the sandbox, in this process. The exit code is 1 if a goal is missed.
 */

const started = performance.now()
const [processor] = cpus()
console.log(
  `${cpus().length} × ${processor?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 1e9)} GB, ${process.platform}, Node ${process.versions.node}\n`
)
const rows: Row[] = []
for (const part of [startUpRows, createRows, doctorRows, fleetRows]) rows.push(...(await part()))
console.log(table(rows))
const missed = rows.filter(row => !isMet(row))
console.log(
  `\n${rows.length - missed.length} of ${rows.length} goals met, in ${Math.round((performance.now() - started) / 1000)} s`
)
process.exitCode = missed.length === 0 ? 0 : 1
