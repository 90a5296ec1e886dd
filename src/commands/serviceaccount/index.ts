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
  readonly make: (io: Io, words: readonly string[] | undefined) => Command
}[] = [
  { name: 'create', summary: createSummary, make: createCommand },
  { name: 'delete', summary: deleteSummary, make: deleteCommand },
  { name: 'apply', summary: applySummary, make: applyCommand },
  { name: 'list', summary: listSummary, make: listCommand },
  { name: 'get', summary: getSummary, make: getCommand }
]

/** `azwi serviceaccount`: the noun; its verbs are flows of the same phases. It is made for the words that come after it; without any, for all. */
export function serviceAccountCommand(io: Io, words?: readonly string[]): Command {
  const noun = new Command('serviceaccount').enablePositionalOptions()
  for (const { name, summary, make } of verbs)
    noun.addCommand(
      words === undefined || words.length === 0 || words.includes(name)
        ? make(io, words)
        : new Command(name).summary(summary)
    )
  return noun
}
