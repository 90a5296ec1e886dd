import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const azwiFile = fileURLToPath(new URL('../../bin/azwi.js', import.meta.url))

export interface Measured {
  readonly milliseconds: number
  /** The most memory that the process held at any time, in megabytes (of a million bytes). */
  readonly peakMegabytes: number
}

type Environment = Readonly<Record<string, string>>

/**
 * A module that writes the process's peak memory to file descriptor 3 when the process ends: the operating system's
 * figure, not a sample.
 */
const reporter = `data:text/javascript,${encodeURIComponent(
  'import { writeSync } from "node:fs"; process.on("exit", () => { writeSync(3, String(process.resourceUsage().maxRSS)) })'
)}`

/** Runs `node` with these arguments, and returns how many milliseconds that took. Throws if the exit code is not 0. */
export async function runNode(words: readonly string[], environment: Environment = {}): Promise<number> {
  return (await run(words, environment, false)).milliseconds
}

/** Runs the binary, and returns its time and its peak memory. Throws if the exit code is not 0. */
export function runAzwi(words: readonly string[], environment: Environment = {}): Promise<Measured> {
  return run([azwiFile, ...words], environment, true)
}

async function run(words: readonly string[], environment: Environment, withMemory: boolean): Promise<Measured> {
  const started = performance.now()
  const child = spawn(process.execPath, withMemory ? [`--import=${reporter}`, ...words] : words, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, CI: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe']
  })
  const [stdout, stderr, peak, status] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    text(child.stdio[3] as NodeJS.ReadableStream),
    new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve)
    })
  ])
  const milliseconds = performance.now() - started
  if (status !== 0)
    throw new Error(
      `node ${words.join(' ').slice(0, 200)} exited with ${String(status)}:\n${stdout.slice(-1000)}${stderr.slice(-3000)}`
    )
  return { milliseconds, peakMegabytes: (Number(peak) * 1024) / 1e6 }
}
