import type { Command } from 'commander'
import { awaitExchange } from '../../engine/await-exchange.js'
import type { Io } from '../../terminal/io.js'
import { flowCommand, type FlowVerb } from './flow.js'

const create: FlowVerb = {
  verb: 'create',
  summary: 'Connect a service account to an Azure identity; run again, it changes nothing',
  services: settings => (settings.given('wait') ? ['kubernetes'] : []),
  finish: async (app, changes) => {
    if (app.settings.given('wait')) await awaitExchange(app, changes)
  }
}

/** The summary in the list of commands. */
export const createSummary = create.summary

/** `azwi serviceaccount create`, with `phase <name>` below it. */
export function createCommand(io: Io, words?: readonly string[]): Command {
  return flowCommand(create, io, words)
}
