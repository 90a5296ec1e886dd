import { AzwiError, ExitCode } from '../errors.js'

/**
 * Converts the 403 of a look-up to an error with exit code 1: the login works, but what belongs to a connection is not known, so nothing is deleted.
 * Returns any other error as it is.
 */
export function asUnknown(error: unknown): unknown {
  if (!isForbidden(error)) return error
  return new AzwiError(error.code, error.message, {
    lines: ['it cannot be known what belongs to the connection, so nothing was deleted'],
    hint: error.hint,
    cause: error,
    exitCode: ExitCode.failed
  })
}

/** Reports whether an error is a service's answer that the login lacks a permission. */
export function isForbidden(error: unknown): error is AzwiError {
  return error instanceof AzwiError && 'status' in error && error.status === 403
}
