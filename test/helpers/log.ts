export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

/** Returns the log lines in the text of stderr. Ignores other lines. */
export function logLines(stderr: string): LogLine[] {
  return stderr.split('\n').flatMap(line => {
    const match = /^(DEBU|INFO|WARN|ERRO)\[\d{4}\] (.*?)(?: {2,}(\w+=.*))?$/.exec(line)
    return match === null ? [] : [{ level: match[1]!, message: match[2]!, fields: fieldsOf(match[3] ?? '') }]
  })
}

export const messages = (stderr: string): string[] => logLines(stderr).map(({ message }) => message)

/** Returns the fields of the first line with this message. Throws if there is none. */
export function fieldsFor(stderr: string, message: string): Readonly<Record<string, string>> {
  const line = logLines(stderr).find(each => each.message === message)
  if (line === undefined) throw new Error(`the log has no "${message}":\n${stderr}`)
  return line.fields
}

function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, key, value]) => [
      key!,
      value!.startsWith('"') ? (JSON.parse(value!) as string) : value!
    ])
  )
}
