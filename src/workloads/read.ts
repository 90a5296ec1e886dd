import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { shellQuoted, UsageError } from '../errors.js'
import { placeText, readDocuments } from './document.js'
import { refuseConflictingIdentities } from './sharing.js'
import { refuseValues, validated } from './validate.js'
import { defaultsOf, type Workload, workloadsOf } from './workload.js'

export interface Workloads {
  readonly workloads: readonly Workload[]
  /** The defaults of each document that has no workloads. */
  readonly unusedDefaults: readonly Pick<Workload, 'flags' | 'place' | 'fieldOf'>[]
  /** The set of each document. A document without workloads empties its set. */
  readonly sets: readonly (string | undefined)[]
}

export interface ReadOptions {
  readonly stdin: Readable
  /** The variables that replace `${NAME}`. Undefined replaces nothing. */
  readonly environment: Readonly<Record<string, string | undefined>> | undefined
}

/** Reads and validates workloads from files, folders (their .yaml, .yml and .json files) or `-` for stdin. Throws a UsageError with the place. */
export async function readWorkloads(paths: readonly string[], { stdin, environment }: ReadOptions): Promise<Workloads> {
  const files = [...new Set((await Promise.all(paths.map(filesAt))).flat())]
  const documents = await Promise.all(
    files.map(async file => {
      const text =
        file === '-'
          ? await readAll(stdin)
          : await readFile(file, 'utf8').catch((error: unknown) => {
              throw unreadable(file, error)
            })
      const name = file === '-' ? 'stdin' : file
      const found = readDocuments(environment === undefined ? text : substituted(text, name, environment), name)
      // An empty file might be left from a command that failed to write it.
      if (found.length === 0)
        throw new UsageError(
          `${name} is empty: it holds no workloads`,
          'a file that is to have none says: workloads: []'
        )
      return found
    })
  )
  const read = documents.flat().map(document => ({ document, content: validated(document) }))
  for (const { document, content } of read) refuseValues(document, content)
  const workloads = read.flatMap(({ document, content }) => workloadsOf(document, content))
  refuseDuplicates(workloads)
  refuseConflictingIdentities(workloads)
  const unusedDefaults = read.flatMap(({ document, content }) =>
    content.workloads.length === 0 ? [defaultsOf(document, content)] : []
  )
  return { workloads, unusedDefaults, sets: read.map(({ content }) => content.set) }
}

async function filesAt(path: string): Promise<string[]> {
  if (path === '-') return ['-']
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error)
  })
  if (!found.isDirectory()) return [path]
  const names = (await readdir(path)).filter(name => /\.(ya?ml|json)$/.test(name)).sort()
  if (names.length === 0)
    throw new UsageError(
      `-f ${JSON.stringify(path)} is a folder without any .yaml, .yml or .json file`,
      'give the folder that the workload files are in'
    )
  return names.map(name => join(path, name))
}

function unreadable(path: string, error: unknown): UsageError {
  return new UsageError(
    `-f ${JSON.stringify(path)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
    `see: ls -l ${shellQuoted(path)}`,
    error
  )
}

/** Replaces `${NAME}` with the value of the variable. Throws a UsageError if it is not set: only Azure would notice an empty name. */
function substituted(text: string, file: string, environment: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$\{([A-Za-z_]\w*)\}/g, (_whole, name: string, offset: number) => {
    const value = environment[name]
    if (value !== undefined) return value
    const before = text.slice(0, offset).split('\n')
    const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
    throw new UsageError(`${placeText(place)}: the environment variable ${name} is not set`, `set it: export ${name}=…`)
  })
}

/** Throws a UsageError if two workloads are the same service account. */
function refuseDuplicates(workloads: readonly Workload[]): void {
  const known = new Map<string, Workload>()
  for (const workload of workloads) {
    const key = `${workload.namespace}/${workload.name}`
    const duplicate = known.get(key)
    if (duplicate !== undefined)
      throw new UsageError(
        `${placeText(workload.place)}: the service account ${key} is already at ${placeText(duplicate.place)}`,
        'leave one of them out'
      )
    known.set(key, workload)
  }
}
