import { AzwiError } from '../errors.js'

/**
 * The lookups of a report that the login has no permission for, or whose object does not exist: a deleted subscription, an API that the cluster
 * does not have. The report is useful without them.
 */
export interface DeniedReads {
  /**
   * Runs a lookup and returns its result. If the service denies it or answers 404, records the reason under `name` and returns undefined.
   *
   * @throws every other error of the lookup.
   */
  readonly readIfAllowed: <T>(name: string, lookUp: () => Promise<T>) => Promise<T | undefined>
  /** Runs a lookup and returns its value, or the reason why there is none. Records the reason as `readIfAllowed` does. */
  readonly readOrReason: <T>(
    name: string,
    lookUp: () => Promise<T>
  ) => Promise<{ readonly value: T } | { readonly reason: string }>
  /** The reason for each denied lookup, by its name. Sorted by name, so that the order does not depend on which lookup ended first. */
  readonly unread: ReadonlyMap<string, string>
}

/** Creates a record that begins with the given names and reasons. */
export function createDeniedReads(known: readonly (readonly [name: string, reason: string])[] = []): DeniedReads {
  const reasons = new Map<string, string>(known)
  const readOrReason: DeniedReads['readOrReason'] = async (name, lookUp) => {
    try {
      return { value: await lookUp() }
    } catch (error) {
      if (!isDenied(error)) throw error
      const reason = error.message
      const recorded = reasons.get(name)
      // Several objects can share a name. One reason is reported, and it must not depend on which lookup ended first.
      if (recorded === undefined || reason < recorded) reasons.set(name, reason)
      return { reason }
    }
  }
  return {
    readOrReason,
    readIfAllowed: async (name, lookUp) => {
      const result = await readOrReason(name, lookUp)
      return 'value' in result ? result.value : undefined
    },
    get unread() {
      return new Map([...reasons].sort(([a], [b]) => (a < b ? -1 : 1)))
    }
  }
}

/**
 * Reports whether the login lacks a permission, conditional access keeps it from one service, or what is read does not exist: also the issuer, if the
 * cluster shows it to nobody. A login that fails everywhere is not denied.
 */
function isDenied(error: unknown): error is AzwiError {
  return (
    error instanceof AzwiError &&
    ([403, 404].includes(httpStatusOf(error) ?? 0) || ['ConditionalAccess', 'NoIssuer'].includes(error.code))
  )
}

/** Returns the HTTP status of an error that a client has thrown, or undefined if it has none. */
export function httpStatusOf(error: unknown): number | undefined {
  return error instanceof AzwiError && 'status' in error && typeof error.status === 'number' ? error.status : undefined
}
