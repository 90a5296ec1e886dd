import { AzwiError } from '../errors.js'

/** The lookups of a report that the login has no permission for. The report is useful without them. */
export interface DeniedReads {
  /**
   * Runs a lookup and returns its result. If the login has no permission for it, records the reason under `name` and returns undefined.
   *
   * @throws every other error of the lookup.
   */
  readonly readIfAllowed: <T>(name: string, lookUp: () => Promise<T>) => Promise<T | undefined>
  /** The reason for each denied lookup, by its name. */
  readonly unread: ReadonlyMap<string, string>
}

/** Creates a record that begins with the given names and reasons. */
export function createDeniedReads(known: readonly (readonly [name: string, reason: string])[] = []): DeniedReads {
  const unread = new Map<string, string>(known)
  return {
    unread,
    readIfAllowed: async (name, lookUp) => {
      try {
        return await lookUp()
      } catch (error) {
        if (!isDenied(error)) throw error
        unread.set(name, error.message)
        return undefined
      }
    }
  }
}

/** Reports whether the login lacks a permission, or conditional access keeps it from one service. A login that fails everywhere is not denied. */
function isDenied(error: unknown): error is AzwiError {
  return error instanceof AzwiError && (httpStatusOf(error) === 403 || error.code === 'ConditionalAccess')
}

/** Returns the HTTP status of an error that a client has thrown, or undefined if it has none. */
export function httpStatusOf(error: unknown): number | undefined {
  return error instanceof AzwiError && 'status' in error && typeof error.status === 'number' ? error.status : undefined
}
