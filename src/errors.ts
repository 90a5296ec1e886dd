/** The exit codes of azwi. The README documents them for shell scripts. */
export const ExitCode = { done: 0, failed: 1, usage: 2, login: 4, interrupted: 130, terminated: 143 } as const

/** The optional parts of an AzwiError. */
interface ErrorDetails {
  /** What the user can do, if possible as a command to paste. */
  readonly hint?: string | undefined
  /** Lines between the message and the hint, for a list. */
  readonly lines?: readonly string[]
  readonly cause?: unknown
  readonly exitCode?: number
}

/** An error for the user. The message says what is wrong and names the value. The hint says what to do. Neither must hold a secret. */
export class AzwiError extends Error {
  override readonly name: string = 'AzwiError'
  /** A stable, machine-readable name of the error, such as `AmbiguousApplication`. */
  readonly code: string
  readonly hint: string | undefined
  readonly lines: readonly string[]
  readonly exitCode: number

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.hint = details.hint
    this.lines = details.lines ?? []
    this.exitCode = details.exitCode ?? ExitCode.failed
  }
}

/** The command line, the environment or a file is wrong. Thrown before any request is sent. */
export class UsageError extends AzwiError {
  override readonly name = 'UsageError'

  constructor(message: string, hint?: string, cause?: unknown, lines: readonly string[] = []) {
    super('Usage', message, { hint, cause, lines, exitCode: ExitCode.usage })
  }
}

/** The user is not logged in, or does not have permission. */
export class LoginError extends AzwiError {
  override readonly name = 'LoginError'

  constructor(code: string, message: string, hint?: string, cause?: unknown) {
    super(code, message, { hint, cause, exitCode: ExitCode.login })
  }
}

/** The user interrupted azwi, with Ctrl-C or SIGTERM. */
export class InterruptedError extends AzwiError {
  override readonly name = 'InterruptedError'

  constructor(interruption: AbortSignal, cause?: unknown) {
    const signal = interruption.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT'
    super('Interrupted', `interrupted by ${signal}`, {
      cause,
      exitCode: signal === 'SIGTERM' ? ExitCode.terminated : ExitCode.interrupted
    })
  }
}

/** Ends the command with this exit code, without an error message: the command has already written its result. */
export class ExitStatus extends Error {
  override readonly name = 'ExitStatus'

  constructor(readonly status: number) {
    super(`exit ${status}`)
  }
}

/**
 * Quotes a value for a shell, so that a hint can be pasted. Returns a value without special characters unchanged. Source: POSIX shell,
 * 2.2.2.
 */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
