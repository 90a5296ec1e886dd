import { AzwiError, InterruptedError } from '../errors.js'

/** A phase that failed, and why. */
export interface Failure {
  readonly phase: string
  readonly error: unknown
}

/** Returns a test for failures with the same cause. Phases that make the same request get the same answer, which is reported once. */
export const sameCause =
  ({ error }: Failure) =>
  (other: Failure): boolean =>
    other.error === error ||
    (other.error instanceof AzwiError && error instanceof AzwiError && other.error.message === error.message)

/** Says why another phase was not started. */
export const reasonFrom = ({ phase, error }: Failure): string =>
  error instanceof InterruptedError ? error.message : `${phase} failed`
