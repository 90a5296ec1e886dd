import { Argument, Command } from 'commander'
import { cloudNames } from '../config/clouds.js'
import { flagsWithValues } from '../config/options.js'
import { phases } from '../phases/index.js'
import { bashCompletion } from '../terminal/completion/bash.js'
import type { CommandShape, Values } from '../terminal/completion/command-shape.js'
import { fishCompletion } from '../terminal/completion/fish.js'
import { powershellCompletion } from '../terminal/completion/powershell.js'
import { type KnownValues, programShape } from '../terminal/completion/program-shape.js'
import { zshCompletion } from '../terminal/completion/zsh.js'
import type { Io } from '../terminal/io.js'

const scripts = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion
} as const satisfies Record<string, (root: CommandShape) => string>
type Shell = keyof typeof scripts

const words = (values: readonly string[], list = false): Values => ({ kind: 'words', words: values, list })
const knownValues: KnownValues = {
  ...Object.fromEntries(flagsWithValues().map(({ flag, values }) => [flag, words(values)])),
  '--cloud': words(cloudNames),
  '--skip-phases': words(
    phases.map(({ name }) => name),
    true
  )
}

const examples = `
Load it in every new shell, by a line in its start-up file:
  bash        source <(azwi completion bash)          # ~/.bashrc
  zsh         source <(azwi completion zsh)           # ~/.zshrc, after compinit
  fish        azwi completion fish | source           # ~/.config/fish/config.fish
  powershell  azwi completion powershell | Out-String | Invoke-Expression   # $PROFILE`

/**
 * `azwi completion <shell>`: prints a script for that shell. The script contains all commands and flags, so that it starts no process when
 * the user presses Tab. `loadProgram` returns the root with every command loaded.
 */
export function completionCommand(
  io: Io,
  _words: readonly string[] | undefined,
  loadProgram: () => Promise<Command>
): Command {
  return (
    new Command('completion')
      .summary('Print the completion script of a shell')
      .description('Prints a script that completes commands, flags and their values in a shell.')
      .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
      .addHelpText('after', examples)
      // The result is a shell script, whatever -o says.
      .action(async (shell: Shell) => {
        io.print(scripts[shell](programShape(await loadProgram(), knownValues)))
      })
  )
}
