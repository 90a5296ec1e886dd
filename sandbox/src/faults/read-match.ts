import type { Service } from '../server/http.js'
import type { PlannedMatch } from './plan.js'
import { FaultsError, listAt, numberAt, objectAt, optional, textAt, wordAt } from './read-values.js'

const services = ['entra', 'graph', 'arm', 'kubernetes', 'issuer'] as const satisfies readonly Service['name'][]

/** Reads the requests of a rule. Throws a FaultsError if they are not valid. */
export function readMatch(value: unknown, place: string): PlannedMatch {
  const match = objectAt(value, place, ['service', 'method', 'path', 'pathRegExp', 'nth', 'every', 'chance'])
  const glob = optional(match.path, text => globRegExp(textAt(text, `${place}.path`)))
  const regExp = optional(match.pathRegExp, text =>
    regExpAt(textAt(text, `${place}.pathRegExp`), `${place}.pathRegExp`)
  )
  return {
    services: optional(match.service, value =>
      listAt(value, `${place}.service`, (entry, at) => wordAt(entry, at, services))
    ),
    methods: optional(match.method, value =>
      listAt(value, `${place}.method`, (entry, at) => textAt(entry, at).toUpperCase())
    ),
    paths: [glob, regExp].filter(pattern => pattern !== undefined),
    ranges: optional(match.nth, value => listAt(value, `${place}.nth`, rangeAt)),
    every: optional(match.every, value => numberAt(value, `${place}.every`, { from: 1, whole: true })),
    chance: optional(match.chance, value => numberAt(value, `${place}.chance`, { from: 0, to: 1 }))
  }
}

function rangeAt(value: unknown, place: string): { first: number; last: number } {
  if (typeof value === 'number') {
    const only = numberAt(value, place, { from: 1, whole: true })
    return { first: only, last: only }
  }
  const [, first, last] = /^([1-9]\d*)-([1-9]\d*)?$/.exec(textAt(value, place)) ?? []
  const range = { first: Number(first), last: last === undefined ? Infinity : Number(last) }
  if (first === undefined || range.last < range.first)
    throw new FaultsError(place, `"${String(value)}" is neither a number nor a range such as "2-4" or "3-"`)
  return range
}

function globRegExp(glob: string): RegExp {
  const parts = glob
    .split(/(\*\*|\*)/)
    .map(part => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
  return new RegExp(`^${parts.join('')}$`, 'i')
}

function regExpAt(text: string, place: string): RegExp {
  try {
    return new RegExp(text, 'i')
  } catch (error) {
    throw new FaultsError(place, (error as SyntaxError).message)
  }
}
