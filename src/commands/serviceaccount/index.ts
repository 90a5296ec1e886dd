import { Command } from 'commander'
import type { Io } from '../../output/io.js'
import { flowCommand } from './flow.js'

/** `azwi serviceaccount`: the noun; its verbs are flows of the same phases. */
export function serviceAccountCommand(io: Io): Command {
  return new Command('serviceaccount')
    .enablePositionalOptions()
    .addCommand(flowCommand('create', io))
    .addCommand(flowCommand('delete', io))
}
