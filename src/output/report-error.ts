import { AzwiError, ExitCode } from '../errors.js'
import type { Io } from './io.js'
import { onOneLine } from './log.js'

/**
 * Tells a person what went wrong, on stderr: `Error:`, then `Hint:`. A stack, and what lies behind the error, only with `--debug`.
 * Returns the exit code that the error stands for.
 */
export function reportError(error: unknown, io: Io, debug: boolean): number {
  if (error instanceof AzwiError) {
    io.say(`Error: ${onOneLine(error.message)}`)
    error.lines.forEach(line => { io.say(`  ${onOneLine(line)}`) })
    if (error.hint !== undefined) io.say(`Hint: ${onOneLine(error.hint)}`)
  } else {
    io.say(`Error: ${onOneLine(error instanceof Error ? error.message : String(error))}`)
    io.say('Hint: this should not have happened; please report it, with what --debug prints')
  }
  if (debug && error instanceof Error) io.say(error.stack ?? '')
  return error instanceof AzwiError ? error.exitCode : ExitCode.failed
}
