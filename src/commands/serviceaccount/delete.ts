import type { Command } from 'commander'
import type { Io } from '../../terminal/io.js'
import { additionsOf, refuseAdditions } from '../../engine/additions.js'
import { canPrompt, confirmDeletion, warnOfOrphanedRoles } from './confirm.js'
import { flowCommand, type FlowVerb } from './flow.js'

const deletion: FlowVerb = {
  verb: 'delete',
  summary: 'Take the connection away again: only what azwi made is deleted',
  review: async (changes, settings, io) => {
    warnOfOrphanedRoles(changes, io)
    const isForced = settings.given('force')
    if (settings.given('dryRun')) {
      for (const addition of additionsOf(changes)) io.log.warn(`people have added: ${addition}`)
      return
    }
    const prompts = !settings.given('yes') && canPrompt(io)
    // The prompt lists what people have added.
    if (!isForced && !prompts) refuseAdditions(changes)
    if (prompts) await confirmDeletion(changes, io)
  }
}

/** The summary in the list of commands. */
export const deleteSummary = deletion.summary

/** `azwi serviceaccount delete`, with `phase <name>` below it. */
export function deleteCommand(io: Io, words?: readonly string[]): Command {
  return flowCommand(deletion, io, words)
}
