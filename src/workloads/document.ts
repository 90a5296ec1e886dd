import { type Document, LineCounter, parseAllDocuments } from 'yaml'
import { UsageError } from '../errors.js'

/** A position in a workload file. */
export interface Place {
  readonly file: string
  /** Both count from 1. */
  readonly line: number
  readonly column: number
}

export type Path = readonly (string | number)[]

/** One YAML document, with the place of each part. */
export interface WorkloadDocument {
  readonly content: unknown
  readonly placeOf: (path: Path) => Place
}

/** Returns `file:line:column`, as compilers print it. */
export const placeText = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** Parses the documents of a YAML or JSON text, and leaves out empty ones. Throws a UsageError with the place of the first syntax error. */
export function readDocuments(text: string, file: string): WorkloadDocument[] {
  const lines = new LineCounter()
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true })
  if (!Array.isArray(documents)) return []
  return documents.flatMap(document => {
    const [error] = document.errors
    if (error !== undefined) {
      const { line, col } = lines.linePos(error.pos[0])
      const first = error.message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? error.message
      throw new UsageError(`${placeText({ file, line, column: col })}: ${first}`, 'the file must be YAML or JSON')
    }
    const placeOf = (path: Path): Place => placeIn(document, path, lines, file)
    const content = contentOf(document, placeOf([]))
    return content === null ? [] : [{ content, placeOf }]
  })
}

/** The parser finds an alias without an anchor, and one that expands to too much, only here. */
function contentOf(document: Document, start: Place): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new UsageError(`${placeText(start)}: ${(error as Error).message}`, 'the file must be YAML or JSON', error)
  }
}

/** Returns the place of a part, or of the nearest existing part around it. */
function placeIn(document: Document, path: Path, lines: LineCounter, file: string): Place {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const start = (node as { range?: readonly [number, number, number] } | undefined)?.range?.[0]
    if (start === undefined) continue
    const { line, col } = lines.linePos(start)
    return { file, line, column: col }
  }
  return { file, line: 1, column: 1 }
}
