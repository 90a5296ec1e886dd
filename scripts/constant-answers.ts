import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Host } from '../src/main.js'

/**
 * The command lines of one word whose output depends on nothing but the version of azwi, unless it goes to a terminal.
 */
const constant = ['version', '--help', '-h', 'help'] as const

/**
 * Returns the output of each of these command lines, from the bundle in dist/. bin/azwi.js prints it without loading
 * the bundle. Throws if a command fails.
 */
export async function constantAnswers(): Promise<Record<string, string>> {
  const { run } = (await import(pathToFileURL(resolve('dist/main.js')).href)) as {
    run: (words: readonly string[], host: Host) => Promise<number>
  }
  return Object.fromEntries(
    await Promise.all(
      constant.map(async word => {
        const [stdout, stderr] = [new PassThrough(), new PassThrough()]
        const host: Host = {
          environment: {},
          stdin: Readable.from([]),
          stdout,
          stderr,
          now: () => 0,
          interruption: new AbortController().signal,
          sleep: () => Promise.resolve(),
          schedule: () => () => undefined
        }
        const status = await run([word], host)
        stdout.end()
        if (status !== 0) throw new Error(`azwi ${word} ended with ${status}`)
        return [word, await text(stdout)] as const
      })
    )
  )
}
