import { Command } from 'commander'
import type { Io } from '../../output/io.js'
import { applyCommand } from './apply.js'
import { flowCommand } from './flow.js'
import { getCommand } from './get.js'
import { listCommand } from './list.js'

/** `azwi serviceaccount`: the noun; its verbs are flows of the same phases. */
export function serviceAccountCommand(io: Io): Command {
  return new Command('serviceaccount')
    .enablePositionalOptions()
    .addCommand(flowCommand('create', io))
    .addCommand(flowCommand('delete', io))
    .addCommand(applyCommand(io))
    .addCommand(listCommand(io))
    .addCommand(getCommand(io))
}
