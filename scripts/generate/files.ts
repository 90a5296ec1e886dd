import { readFile } from 'node:fs/promises'
import { Readable, PassThrough } from 'node:stream'
import { format, resolveConfig } from 'prettier'
import type { Host } from '../../src/main.js'
import { createProgram } from '../../src/program.js'
import { createIo } from '../../src/terminal/io.js'
import { workloadsSchema } from './schema.js'
import { tables } from './tables.js'

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string
  readonly current: string
  /** The content that follows from the code. */
  readonly generated: string
}

const schemaPath = 'src/workloads/schema.json'
const documents = ['README.md', 'docs/workloads.md']

/** Generates the schema of workload files, and the parts of documents between `<!-- generated: NAME -->` and `<!-- end -->`. `root` is the repository. */
export async function generatedFiles(root: URL): Promise<GeneratedFile[]> {
  const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8')
  const parts = tables(await createProgram(createIo(silentHost(), false)))
  const config = (await resolveConfig(new URL(schemaPath, root))) ?? {}
  const unused = new Set(Object.keys(parts))
  const files = [
    {
      path: schemaPath,
      current: await read(schemaPath),
      generated: await format(JSON.stringify(workloadsSchema()), { ...config, parser: 'json' })
    },
    ...(await Promise.all(
      documents.map(async path => {
        const current = await read(path)
        const generated = current.replace(
          /(<!-- generated: (.*?) -->\n)[\s\S]*?(?=<!-- end -->)/g,
          (_, marker: string, name: string) => {
            const part = parts[name]
            if (part === undefined) throw new Error(`${path}: nothing generates "${name}"`)
            unused.delete(name)
            return `${marker}\n${part}\n\n`
          }
        )
        return { path, current, generated }
      })
    ))
  ]
  if (unused.size > 0) throw new Error(`no document has a marker for: ${[...unused].join(', ')}`)
  return files
}

function silentHost(): Host {
  return {
    environment: {},
    stdin: Readable.from([]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    now: () => 0,
    interruption: new AbortController().signal,
    sleep: () => Promise.resolve(),
    schedule: () => () => undefined
  }
}
