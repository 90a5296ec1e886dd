import picomatch from 'picomatch'

/** The globs of `--include` and `--exclude`. */
export interface Globs {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

interface Named {
  readonly namespace: string
  readonly name: string
}

export interface Selection {
  readonly includes: (workload: Named) => boolean
  /** Returns the flags, with their globs, that match none of the workloads. */
  readonly unmatched: (workloads: readonly Named[]) => string[]
}

/** Returns the selection that the globs on `namespace/name` describe. Without `include`, it starts from all workloads. */
export function createSelection({ include, exclude }: Globs): Selection {
  const included = include.map(glob => matcher('--include', glob))
  const excluded = exclude.map(glob => matcher('--exclude', glob))
  const matchesAny = (matchers: readonly Matcher[], workload: Named): boolean =>
    matchers.some(({ matches }) => matches(workload))
  return {
    includes: workload => (included.length === 0 || matchesAny(included, workload)) && !matchesAny(excluded, workload),
    unmatched: workloads =>
      [...included, ...excluded].filter(({ matches }) => !workloads.some(matches)).map(({ flag }) => flag)
  }
}

interface Matcher {
  /** The flag with its glob, for messages. */
  readonly flag: string
  readonly matches: (workload: Named) => boolean
}

function matcher(flag: string, glob: string): Matcher {
  const isMatch = picomatch(glob)
  return { flag: `${flag} "${glob}"`, matches: ({ namespace, name }) => isMatch(`${namespace}/${name}`) }
}
