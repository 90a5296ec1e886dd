import { type CommandShape, allCommands, type FlagShape, type Values } from './command-shape.js'

/**
 * Returns a completion script for zsh: one function for each command, based on zsh's `_arguments`. Users can source it or put it on the
 * `fpath`.
 */
export function zshCompletion(root: CommandShape): string {
  const { name } = root
  return `#compdef ${name}
# zsh completion of ${name}. Load it after compinit: source <(${name} completion zsh)

${allCommands(root).map(functionOf).join('\n\n')}

if [[ \${funcstack[1]} == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}

function functionOf(command: CommandShape): string {
  const flags = command.flags.map(flag => `    ${flagSpec(flag)}`)
  const body = command.commands.length > 0 ? dispatching(command, flags) : leaf(command, flags)
  return `${functionName(command)}() {\n${body}\n}`
}

function leaf({ argument }: CommandShape, flags: readonly string[]): string {
  const specs = argument === undefined ? flags : [...flags, `    ${argumentSpec(argument)}`]
  return specs.length === 0 ? '  _message "no more arguments"' : `  _arguments -s -S \\\n${specs.join(' \\\n')}`
}

function dispatching({ commands }: CommandShape, flags: readonly string[]): string {
  const descriptions = commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`)
  const cases = commands.map(
    command => `        ${[command.name, ...command.aliases].join('|')}) ${functionName(command)} ;;`
  )
  return `  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C -S \\
${[...flags, "    '1: :->command'", "    '*:: :->rest'"].join(' \\\n')}
  case $state in
    command)
      local -a commands
      commands=(
${descriptions.join('\n')}
      )
      _describe -t commands command commands
      ;;
    rest)
      case $line[1] in
${cases.join('\n')}
      esac
      ;;
  esac`
}

const functionName = ({ path }: CommandShape): string => `_${path.replaceAll(' ', '_').replaceAll('-', '_')}`

/** Returns a flag that can be given once, under either name: `'(-o --output)'{-o+,--output=}'[description]:value:(json yaml)'`. */
function flagSpec({ names, description, values, isRepeatable }: FlagShape): string {
  const explained = `[${description.replace(/[[\]\\]/g, '\\$&')}]${values === undefined ? '' : `:${messageOf(values)}:${actionOf(values)}`}`
  const spelt = names.map(name => `${name}${values === undefined ? '' : name.startsWith('--') ? '=' : '+'}`)
  if (isRepeatable) return spelt.map(name => quoted(`*${name}${explained}`)).join(' ')
  const [only] = spelt
  if (spelt.length === 1 && only !== undefined) return quoted(`${only}${explained}`)
  return `${quoted(`(${names.join(' ')})`)}{${spelt.join(',')}}${quoted(explained)}`
}

function argumentSpec(values: Values): string {
  return values.kind === 'command' ? "'*::command:_normal'" : quoted(`1:${messageOf(values)}:${actionOf(values)}`)
}

const messageOf = (values: Values): string => (values.kind === 'file' ? 'file' : 'value')

function actionOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return values.list ? `_sequence compadd - ${values.words.join(' ')}` : `(${values.words.join(' ')})`
    case 'file':
      return values.list ? '_sequence _files' : '_files'
    case 'command':
      return '_command_names -e'
    case 'anything':
      return ' '
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
