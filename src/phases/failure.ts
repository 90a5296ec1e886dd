import { AzwiError, InterruptedError } from '../errors.js'

/** What a phase has failed of. */
export interface Failure {
  readonly phase: string
  readonly error: unknown
}

/** Phases that ask the same thing get the same refusal: it is told once. */
export const sameCause =
  ({ error }: Failure) =>
  (other: Failure): boolean =>
    other.error === error ||
    (other.error instanceof AzwiError && error instanceof AzwiError && other.error.message === error.message)

/** Why another phase was not started. */
export const becauseOf = ({ phase, error }: Failure): string =>
  error instanceof InterruptedError ? error.message : `${phase} failed`
