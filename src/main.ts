import { withFlagsLast } from './flag-positions.js'
import { ExitCode, ExitStatus } from './errors.js'
import type { Host } from './host.js'
import { requestedFormat } from './terminal/format.js'
import { createIo } from './terminal/io.js'
import { reportError } from './terminal/report-error.js'
import { asUsageError, createProgram, isHelp, withHelpFlag } from './program.js'

export { type Host, processHost } from './host.js'

/** Runs a command line and resolves to the exit code. Commands throw, and this is the only place that reports their errors to the user. */
export async function run(words: readonly string[], host: Host): Promise<number> {
  const debug = isDebug(words)
  const io = createIo(host, debug, requestedFormat(words))
  let path = 'azwi'
  const line = withHelpFlag(words)
  try {
    const program = await createProgram(io, {
      words: line,
      entered: name => {
        path += ` ${name}`
      }
    })
    await program.parseAsync(withFlagsLast(program, line), { from: 'user' })
    return ExitCode.done
  } catch (error) {
    if (isHelp(error)) return ExitCode.done
    return error instanceof ExitStatus ? error.status : reportError(asUsageError(error, path), io, debug)
  }
}

/** Reports whether the last `--debug` of the command line is not off. Needs no parsed command line, because errors of parsing depend on it. */
function isDebug(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  const given = (end === -1 ? words : words.slice(0, end)).findLast(word => /^--debug(=|$)/.test(word))
  return given !== undefined && !/=(0|f|F|FALSE|false|False)$/.test(given)
}
