import { type CommandShape, distinctFlags, allCommands, type FlagShape, type Values } from './command-shape.js'

/** Returns a completion script for fish 3.0 and later: one line for each command and flag, with a condition for the place. */
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
                if contains -- $word ${valued(root).join(' ')}
                    set flag $word
                end
            case '*'
                switch "$place $word"
${allCommands(root)
  .filter(command => command !== root)
  .map(entrance)
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

function entrance({ place, name, aliases }: CommandShape): string {
  const parent = place.slice(0, -name.length - 1)
  const words = [name, ...aliases].map(word => quoted(`${parent} ${word}`))
  return `                    case ${words.join(' ')}\n                        set place ${quoted(place)}`
}

function linesOf(program: string, { place, commands, argument }: CommandShape): string[] {
  const here = condition(program, [place])
  return [
    ...commands.map(({ name, summary }) => `complete -c ${program} -n ${here} -a ${name} -d ${quoted(summary)}`),
    ...(argument === undefined || argument.kind === 'anything'
      ? []
      : [`complete -c ${program} -n ${here}${valuesOf(argument)}`])
  ]
}

/** One line for each distinct flag, because fish evaluates every condition on each Tab. It evaluates equal conditions once. */
function flagLines(root: CommandShape): string[] {
  const all = allCommands(root)
  return distinctFlags(root).map(flag => {
    const places =
      flag.places ??
      all
        .filter(command => command.flags.some(({ names }) => names.join() === flag.names.join()))
        .map(({ place }) => place)
    const everywhere = places.length === all.filter(({ flags }) => flags.length > 0).length
    const where = everywhere ? '' : ` -n ${condition(root.name, places)}`
    return `complete -c ${root.name}${where}${spelling(flag)} -d ${quoted(flag.description)}${flag.values === undefined ? '' : ` -r${valuesOf(flag.values)}`}`
  })
}

const spelling = ({ names }: FlagShape): string =>
  names.map(name => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`)).join('')

const condition = (program: string, places: readonly string[]): string =>
  quoted(`__${program}_at ${places.map(place => `"${place}"`).join(' ')}`)

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

const valued = (root: CommandShape): string[] =>
  distinctFlags(root)
    .filter(({ values }) => values !== undefined)
    .flatMap(({ names }) => names)

/** Within single quotes, fish has two escapes: `\'` and `\\`. */
const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
