import picomatch from 'picomatch'
import { UsageError } from '../errors.js'

/** The globs on `namespace/name` of `--include` and `--exclude`. */
export interface Globs {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

interface Named {
  readonly namespace: string
  readonly name: string
}

export interface Selection {
  readonly chooses: (workload: Named) => boolean
  /** The globs, as they were given, that none of these fits. */
  readonly idle: (workloads: readonly Named[]) => string[]
}

/** What is to be worked on: all of it, where nothing is said. Throws a UsageError for an empty glob. */
export function selectionOf({ include = [], exclude = [] }: Globs): Selection {
  const matchers = [
    ...include.map(glob => matcher('--include', glob)),
    ...exclude.map(glob => matcher('--exclude', glob))
  ]
  const isAny = (flag: string, workload: Named): boolean =>
    matchers.some(each => each.flag === flag && each.fits(workload))
  return {
    chooses: workload => (include.length === 0 || isAny('--include', workload)) && !isAny('--exclude', workload),
    idle: workloads => matchers.filter(({ fits }) => !workloads.some(fits)).map(({ flag, glob }) => `${flag} "${glob}"`)
  }
}

function matcher(flag: string, glob: string): { flag: string; glob: string; fits: (workload: Named) => boolean } {
  if (glob === '') throw new UsageError(`${flag} "" is not a glob`, `such as ${flag} 'payments-*/*'`)
  const isMatch = picomatch(glob)
  return { flag, glob, fits: ({ namespace, name }) => isMatch(`${namespace}/${name}`) }
}
