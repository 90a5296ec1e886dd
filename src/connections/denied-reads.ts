import { AzwiError } from '../errors.js'

/** Look-ups for a report, which is worth having even where a part of it may not be read. */
export interface DeniedReads {
  /** The answer, or undefined where reading is not allowed; that is then remembered under what was to be read. */
  readonly allow: <T>(what: string, lookUp: () => Promise<T>) => Promise<T | undefined>
  /** What could not be read, and why. */
  readonly unread: ReadonlyMap<string, string>
}

/** A record of refusals, with those that are known beforehand. */
export function createDeniedReads(known: readonly (readonly [what: string, why: string])[] = []): DeniedReads {
  const unread = new Map<string, string>(known)
  return {
    unread,
    allow: async (what, lookUp) => {
      try {
        return await lookUp()
      } catch (error) {
        if (!isRefusal(error)) throw error
        unread.set(what, error.message)
        return undefined
      }
    }
  }
}

/** A right that is missing, or a conditional access policy that keeps this login from one of the services. Not a login that fails everywhere. */
function isRefusal(error: unknown): error is AzwiError {
  return error instanceof AzwiError && (httpStatusOf(error) === 403 || error.code === 'ConditionalAccess')
}

/** The HTTP status that an error of a client stands for. */
export function httpStatusOf(error: unknown): number | undefined {
  return error instanceof AzwiError && 'status' in error && typeof error.status === 'number' ? error.status : undefined
}
