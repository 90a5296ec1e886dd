import { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import { applyCommand, applySummary } from './apply.js'
import { createCommand, createSummary } from './create.js'
import { deleteCommand, deleteSummary } from './delete.js'
import { getCommand, getSummary } from './get.js'
import { listCommand, listSummary } from './list.js'

const verbs: readonly {
  readonly name: string
  readonly summary: string
  readonly createVerb: (io: Io, words: readonly string[] | undefined) => Command
}[] = [
  { name: 'create', summary: createSummary, createVerb: createCommand },
  { name: 'delete', summary: deleteSummary, createVerb: deleteCommand },
  { name: 'apply', summary: applySummary, createVerb: applyCommand },
  { name: 'list', summary: listSummary, createVerb: listCommand },
  { name: 'get', summary: getSummary, createVerb: getCommand }
]

/** `azwi serviceaccount`, with a command for each verb. If `words` name a verb, the other verbs have only a summary. */
export function serviceAccountCommand(io: Io, words?: readonly string[]): Command {
  const noun = new Command('serviceaccount').enablePositionalOptions()
  const loadsAll = !verbs.some(({ name }) => words?.includes(name))
  for (const { name, summary, createVerb } of verbs)
    noun.addCommand(loadsAll || words?.includes(name) ? createVerb(io, words) : new Command(name).summary(summary))
  return noun
}
