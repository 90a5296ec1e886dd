/** Exit codes of the tool: a contract with shell scripts, listed in the README. */
export const ExitCode = { done: 0, failed: 1, usage: 2, login: 4, interrupted: 130, terminated: 143 } as const

export interface ErrorDetails {
  /** What the reader can do about it; where possible a line that can be pasted. */
  readonly hint?: string | undefined
  /** Lines between the message and the hint, for a list that is too long for one. */
  readonly lines?: readonly string[]
  readonly cause?: unknown
  readonly exitCode?: number
}

/**
 * A failure that is meant to be read by a person. The message says what is wrong, with the value; the hint says what to do.
 * Neither may ever hold a secret.
 */
export class AzwiError extends Error {
  override readonly name: string = 'AzwiError'
  /** A short, stable, machine-readable name of what went wrong, such as `AmbiguousApplication`. */
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

/** The command line, the environment or a file says something that cannot be meant. Thrown before any request is sent. */
export class UsageError extends AzwiError {
  override readonly name = 'UsageError'

  constructor(message: string, hint?: string, cause?: unknown, lines: readonly string[] = []) {
    super('Usage', message, { hint, cause, lines, exitCode: ExitCode.usage })
  }
}

/** Nobody is logged in, or whoever is may not do what was asked. */
export class LoginError extends AzwiError {
  override readonly name = 'LoginError'

  constructor(code: string, message: string, hint?: string, cause?: unknown) {
    super(code, message, { hint, cause, exitCode: ExitCode.login })
  }
}

/** The user has had enough: Ctrl-C or SIGTERM. */
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

/** Ends the command with this exit code when everything has been said already. */
export class ExitStatus extends Error {
  override readonly name = 'ExitStatus'

  constructor(readonly status: number) {
    super(`exit ${status}`)
  }
}

/** A value in a hint as a shell takes it for one word and changes nothing: in single quotes, which keep everything but themselves (POSIX shell, 2.2.2), where it needs them. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
