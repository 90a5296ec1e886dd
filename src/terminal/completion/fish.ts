import { type CommandShape, distinctFlags, allCommands, type FlagShape, type Values } from './command-shape.js'

/** Returns a completion script for fish 3.0 and later: one line for each command and flag, with a condition on the command. */
export function fishCompletion(root: CommandShape): string {
  const { name } = root
  return `# fish completion of ${name}. Load it: ${name} completion fish | source

function __${name}_place
    set -l place ${name}
    set -l flag
    for word in (commandline -opc)[2..-1]
        if test -n "$flag"
            set flag
            continue
        end
        switch $word
            case '--*=*'
            case '-*'
                if contains -- $word ${flagsWithValue(root).join(' ')}
                    set flag $word
                end
            case '*'
                switch "$place $word"
${allCommands(root)
  .filter(command => command !== root)
  .map(subcommandCase)
  .join('\n')}
                end
        end
    end
    echo $place
end

function __${name}_at
    contains -- (__${name}_place) $argv
end

complete -c ${name} -f
${allCommands(root)
  .flatMap(command => linesOf(name, command))
  .join('\n')}
${flagLines(root).join('\n')}
`
}

function subcommandCase({ path, name, aliases }: CommandShape): string {
  const parent = path.slice(0, -name.length - 1)
  const words = [name, ...aliases].map(word => quoted(`${parent} ${word}`))
  return `                    case ${words.join(' ')}\n                        set place ${quoted(path)}`
}

function linesOf(program: string, { path, commands, argument }: CommandShape): string[] {
  const isHere = condition(program, [path])
  return [
    ...commands.map(({ name, summary }) => `complete -c ${program} -n ${isHere} -a ${name} -d ${quoted(summary)}`),
    ...(argument === undefined || argument.kind === 'anything'
      ? []
      : [`complete -c ${program} -n ${isHere}${valuesOf(argument)}`])
  ]
}

/** Returns one line for each distinct flag, because fish evaluates every condition on each Tab. It evaluates equal conditions once. */
function flagLines(root: CommandShape): string[] {
  const all = allCommands(root)
  return distinctFlags(root).map(flag => {
    const paths =
      flag.paths ??
      all
        .filter(command => command.flags.some(({ names }) => names.join() === flag.names.join()))
        .map(({ path }) => path)
    const isEverywhere = paths.length === all.filter(({ flags }) => flags.length > 0).length
    const conditionOption = isEverywhere ? '' : ` -n ${condition(root.name, paths)}`
    return `complete -c ${root.name}${conditionOption}${spelling(flag)} -d ${quoted(flag.description)}${flag.values === undefined ? '' : ` -r${valuesOf(flag.values)}`}`
  })
}

const spelling = ({ names }: FlagShape): string =>
  names.map(name => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('')

const condition = (program: string, paths: readonly string[]): string =>
  quoted(`__${program}_at ${paths.map(path => `"${path}"`).join(' ')}`)

function valuesOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return values.list
        ? ` -f -a ${quoted(`(__fish_append , ${values.words.join(' ')})`)}`
        : ` -f -a ${quoted(values.words.join(' '))}`
    case 'file':
      return ' -F'
    case 'command':
      return ` -a ${quoted('(__fish_complete_subcommand)')}`
    case 'anything':
      return ' -f'
  }
}

const flagsWithValue = (root: CommandShape): string[] =>
  distinctFlags(root)
    .filter(({ values }) => values !== undefined)
    .flatMap(({ names }) => names)

/** Quotes a text. In single quotes, fish has only the escapes `\'` and `\\`. */
const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
