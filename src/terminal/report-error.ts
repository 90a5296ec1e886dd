import { AzwiError, ExitCode } from '../errors.js'
import type { Io } from './io.js'
import { onOneLine } from './log.js'

/**
 * Tells a person what went wrong, on stderr: `Error:`, then `Hint:`. A stack, and what lies behind the error, only with `--debug`.
 * Returns the exit code that the error stands for.
 */
export function reportError(error: unknown, io: Io, debug: boolean): number {
  if (io.format === 'json' || io.format === 'yaml') io.say(JSON.stringify({ error: errorData(error) }))
  else sayError(error, io)
  if (debug && error instanceof Error) io.say(error.stack ?? '')
  return error instanceof AzwiError ? error.exitCode : ExitCode.failed
}

/** An error as data: a shape of docs/output.md. */
export function errorData(error: unknown): { code: string; message: string; hint?: string; exitCode: number } {
  if (!(error instanceof AzwiError))
    return { code: 'Bug', message: error instanceof Error ? error.message : String(error), exitCode: ExitCode.failed }
  const { code, message, hint, exitCode } = error
  return { code, message, ...(hint === undefined ? {} : { hint }), exitCode }
}

function sayError(error: unknown, io: Io): void {
  if (error instanceof AzwiError) {
    io.say(`Error: ${onOneLine(error.message)}`)
    error.lines.forEach(line => {
      io.say(`  ${onOneLine(line)}`)
    })
    if (error.hint !== undefined) io.say(`Hint: ${onOneLine(error.hint)}`)
  } else {
    io.say(`Error: ${onOneLine(error instanceof Error ? error.message : String(error))}`)
    io.say('Hint: this should not have happened; please report it, with what --debug prints')
  }
}
