import { AzwiError, ExitCode } from '../errors.js'
import type { Io } from './io.js'
import { singleLine } from './log.js'

/**
 * Writes an error to stderr: `Error:`, then `Hint:`, or JSON if the result would be JSON or YAML. Adds the stack with `--debug`. Returns
 * the exit code of the error.
 */
export function reportError(error: unknown, io: Io, debug: boolean): number {
  if (io.format === 'json' || io.format === 'yaml') io.printMessage(JSON.stringify({ error: errorData(error) }))
  else printError(error, io)
  if (debug && error instanceof Error) io.printMessage(error.stack ?? '')
  return error instanceof AzwiError ? error.exitCode : ExitCode.failed
}

/** An error as data, in the shape of docs/output.md. */
export interface ErrorData {
  readonly code: string
  readonly message: string
  readonly details?: readonly string[]
  readonly hint?: string
  readonly exitCode: number
}

/** Returns an error as data. */
export function errorData(error: unknown): ErrorData {
  if (!(error instanceof AzwiError))
    return { code: 'Bug', message: error instanceof Error ? error.message : String(error), exitCode: ExitCode.failed }
  const { code, message, lines, hint, exitCode } = error
  return {
    code,
    message,
    ...(lines.length === 0 ? {} : { details: lines }),
    ...(hint === undefined ? {} : { hint }),
    exitCode
  }
}

function printError(error: unknown, io: Io): void {
  if (error instanceof AzwiError) {
    io.printMessage(`Error: ${singleLine(error.message)}`)
    error.lines.forEach(line => {
      io.printMessage(`  ${singleLine(line)}`)
    })
    if (error.hint !== undefined) io.printMessage(`Hint: ${singleLine(error.hint)}`)
  } else {
    io.printMessage(`Error: ${singleLine(error instanceof Error ? error.message : String(error))}`)
    io.printMessage('Hint: this should not have happened; please report it, with what --debug prints')
  }
}
