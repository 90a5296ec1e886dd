import { type CommandShape, distinctFlags, allCommands, type FlagWithPaths, type Values } from './command-shape.js'

/**
 * Returns a completion script for bash 3.2 (the version of macOS) and later. It does not need the package bash-completion. Bash ends words
 * at `=` and `:`, so `--flag=value` arrives as three words.
 */
export function bashCompletion(root: CommandShape): string {
  const name = root.name
  return `# bash completion of ${name}. Load it: source <(${name} completion bash)

_${name}_at() {
  case $1 in
${allCommands(root).map(settingsCase).join('\n')}
  esac
}

_${name}_enter() {
  case "$1 $2" in
${allCommands(root)
  .filter(command => command !== root)
  .map(subcommandCase)
  .join('\n')}
  esac
}

_${name}_values() {
  case "$1 $2" in
${distinctFlags(root)
  .map(flagValues)
  .filter(line => line !== '')
  .join('\n')}
  esac
}

_${name}() {
  local place=${name} commands= flags= argument= kind= words= list=
  local current="\${COMP_WORDS[COMP_CWORD]}" word= flag= glued= before= index line
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case $word in
      = | :) glued=1; continue ;;
    esac
    if [[ -n $glued && -z $flag ]]; then glued=; continue; fi
    glued=
    if [[ -n $flag ]]; then flag=; continue; fi
    case $word in
      --) kind=command; break ;;
      -*) kind=; _${name}_values "$place" "$word"; if [[ -n $kind ]]; then flag=$word; fi; kind= ;;
      *)
        _${name}_at "$place"
        if [[ $argument == command ]]; then kind=command; break; fi
        _${name}_enter "$place" "$word"
        ;;
    esac
  done

  if [[ $kind == command ]]; then
    if ((index == COMP_CWORD - 1)) && [[ $word == -- ]]; then kind=command; else kind=file; fi
  elif [[ -n $flag ]]; then
    if [[ $current == = ]]; then current=; fi
    _${name}_values "$place" "$flag"
  elif [[ -n $glued || $current == [=:] ]]; then
    return
  elif [[ $current == --*=* ]]; then
    before="\${current%%=*}="
    _${name}_values "$place" "\${current%%=*}"
    current="\${current#*=}"
  else
    _${name}_at "$place"
    kind=words
    if [[ $current == -* ]]; then words=$flags
    elif [[ -n $commands ]]; then words=$commands
    else kind=\${argument%% *}; words=\${argument#* }
    fi
  fi

  if [[ -n $list && $current == *,* ]]; then before="$before\${current%,*},"; current="\${current##*,}"; fi
  case $kind in
    words) while IFS= read -r line; do COMPREPLY+=("$before$line"); done < <(compgen -W "$words" -- "$current") ;;
    file)
      compopt -o filenames 2>/dev/null
      while IFS= read -r line; do COMPREPLY+=("$before$line"); done < <(compgen -f -- "$current")
      ;;
    command) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$current") ;;
  esac
}

complete -F _${name} ${name}
`
}

function settingsCase({ path, commands, flags, argument }: CommandShape): string {
  const settings = [
    `commands=${quoted(commands.map(({ name }) => name).join(' '))}`,
    `flags=${quoted(flags.flatMap(({ names }) => names).join(' '))}`,
    `argument=${quoted(argument === undefined ? '' : argumentText(argument))}`
  ]
  return `    ${quoted(path)}) ${settings.join(' ')} ;;`
}

const argumentText = (values: Values): string =>
  values.kind === 'words' ? `words ${values.words.join(' ')}` : values.kind

function subcommandCase({ path, name, aliases }: CommandShape): string {
  const parent = path.slice(0, -name.length - 1)
  return `    ${[name, ...aliases].map(word => quoted(`${parent} ${word}`)).join(' | ')}) place=${quoted(path)} ;;`
}

function flagValues({ names, values, paths }: FlagWithPaths): string {
  if (values === undefined) return ''
  const patterns =
    paths === undefined
      ? names.map(name => `*' ${name}'`)
      : paths.flatMap(path => names.map(name => quoted(`${path} ${name}`)))
  const words = values.kind === 'words' ? ` words=${quoted(values.words.join(' '))}` : ''
  const list = 'list' in values && values.list ? ' list=1' : ''
  return `    ${patterns.join(' | ')}) kind=${values.kind}${words}${list} ;;`
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
