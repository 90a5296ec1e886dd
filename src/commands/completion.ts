import { Argument, Command } from 'commander'
import { bashCompletion } from '../terminal/completion/bash.js'
import type { CommandShape } from '../terminal/completion/command-shape.js'
import { fishCompletion } from '../terminal/completion/fish.js'
import { powershellCompletion } from '../terminal/completion/powershell.js'
import { zshCompletion } from '../terminal/completion/zsh.js'
import type { Io } from '../terminal/io.js'
import { commandShapes } from './command-shapes.js'

const scripts = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
  powershell: powershellCompletion
} as const satisfies Record<string, (root: CommandShape) => string>
type Shell = keyof typeof scripts

const examples = `
Load it in every new shell, by a line in its start-up file:
  bash        source <(azwi completion bash)          # ~/.bashrc
  zsh         source <(azwi completion zsh)           # ~/.zshrc, after compinit
  fish        azwi completion fish | source           # ~/.config/fish/config.fish
  powershell  azwi completion powershell | Out-String | Invoke-Expression   # $PROFILE`

/** `azwi completion <shell>`: a script for that shell, made from the commands as they are. It runs nothing when Tab is pressed. */
export function completionCommand(io: Io): Command {
  return (
    new Command('completion')
      .summary('Print the completion script of a shell')
      .description('Prints a script that completes commands, flags and their values in a shell.')
      .addArgument(new Argument('<shell>').choices(Object.keys(scripts)))
      .addHelpText('after', examples)
      // A script is in its own format, whatever -o says.
      .action(async (shell: Shell) => {
        io.print(scripts[shell](await commandShapes(io)))
      })
  )
}
