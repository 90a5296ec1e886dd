import type { SandboxRequest, Service } from '../server/http.js'
import type { PlannedMatch } from './plan.js'
import { draw } from './seeded-random.js'

/**
 * Returns the number of a request among those that match the rule's filters, or undefined if the rule does not apply.
 * Call it once per request.
 */
export type Matcher = (request: Pick<SandboxRequest, 'method' | 'path'>, service: Service['name']) => number | undefined

/**
 * Creates a matcher, which counts requests. `index` is the position of the rule. It gives each rule its own random
 * numbers.
 */
export function createMatcher(
  { services, methods, paths, ranges, every, chance }: PlannedMatch,
  seed: number,
  index: number
): Matcher {
  let count = 0
  return ({ method, path }, service) => {
    if (services !== undefined && !services.includes(service)) return undefined
    if (methods !== undefined && !methods.includes(method)) return undefined
    const decodedPath = decode(path)
    if (!paths.every(pattern => pattern.test(decodedPath))) return undefined
    const number = ++count
    if (ranges !== undefined && !ranges.some(({ first, last }) => first <= number && number <= last)) return undefined
    if (every !== undefined && number % every !== 0) return undefined
    if (chance !== undefined && draw(seed, index, number, 0) >= chance) return undefined
    return number
  }
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
