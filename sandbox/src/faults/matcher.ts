import type { SandboxRequest, Service } from '../server/http.js'
import type { PlannedMatch } from './plan.js'
import { draw } from './seeded-random.js'

/** Which of the requests that a rule is about this one is, or undefined where it is not meant. Every call is a request. */
export type Matcher = (request: Pick<SandboxRequest, 'method' | 'path'>, service: Service['name']) => number | undefined

/** A matcher that counts. `index` is the place of the rule, so that two rules under one seed do not have the same luck. */
export function createMatcher(
  { services, methods, paths, ranges, every, chance }: PlannedMatch,
  seed: number,
  index: number
): Matcher {
  let count = 0
  return ({ method, path }, service) => {
    if (services !== undefined && !services.includes(service)) return undefined
    if (methods !== undefined && !methods.includes(method)) return undefined
    const readable = decoded(path)
    if (!paths.every(pattern => pattern.test(readable))) return undefined
    const number = ++count
    if (ranges !== undefined && !ranges.some(({ first, last }) => first <= number && number <= last)) return undefined
    if (every !== undefined && number % every !== 0) return undefined
    if (chance !== undefined && draw(seed, index, number, 0) >= chance) return undefined
    return number
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
