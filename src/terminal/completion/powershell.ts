import { type CommandShape, distinctFlags, allCommands, type FlagWithPaths, type Values } from './command-shape.js'

/** Returns a completion script for PowerShell 5.1 and later. If the script offers nothing, PowerShell completes file names. */
export function powershellCompletion(root: CommandShape): string {
  const { name } = root
  const commands = allCommands(root)
  return `# PowerShell completion of ${name}. Load it: ${name} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName ${quoted(name)} -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    # What can follow each command: subcommands with their descriptions, arguments, flags.
    $commands = @{
${commands
  .filter(command => command.commands.length > 0)
  .map(subcommands)
  .join('\n')}
    }
    $entrances = @{
${commands
  .filter(command => command !== root)
  .flatMap(subcommandLines)
  .join('\n')}
    }
    $arguments = @{
${commands.flatMap(({ path, argument }) => (argument?.kind === 'words' ? [`        ${quoted(path)} = ${array(argument.words)}`] : [])).join('\n')}
    }
    $flags = @{
${commands.map(({ path, flags }) => `        ${quoted(path)} = ${array(flags.flatMap(flag => flag.names))}`).join('\n')}
    }
    # Flags that take a value, with the known values. The key of a flag that differs between commands includes the command.
    $values = @{
${distinctFlags(root).flatMap(valueLines).join('\n')}
    }
    $descriptions = @{
${descriptions(root).join('\n')}
    }

    $place = ${quoted(name)}
    $flag = $null
    foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $word = $element.Extent.Text
        if ($word -eq '--') { return }
        if ($flag) { $flag = $null; continue }
        if ($word.StartsWith('-')) {
            if ($values.ContainsKey($word) -or $values.ContainsKey("$place $word")) { $flag = $word }
        } elseif ($entrances.ContainsKey("$place $word")) {
            $place = $entrances["$place $word"]
        }
    }

    $before = ''
    $text = $wordToComplete
    if (-not $flag -and $wordToComplete -match '^(--[^=]+)=(.*)$') {
        $flag = $Matches[1]; $text = $Matches[2]; $before = "$flag="
    }
    if ($flag) {
        $known = if ($values.ContainsKey("$place $flag")) { $values["$place $flag"] } else { $values[$flag] }
        if ($known.List -and $text.Contains(',')) {
            $end = $text.LastIndexOf(',') + 1
            $before += $text.Substring(0, $end); $text = $text.Substring($end)
        }
        $offers = @($known.Words | ForEach-Object { @{ Text = $_; About = $_ } })
    } elseif ($text.StartsWith('-')) {
        $offers = @($flags[$place] | ForEach-Object { @{ Text = $_; About = $descriptions[$_] } })
    } elseif ($commands.ContainsKey($place)) {
        $offers = @($commands[$place].GetEnumerator() | ForEach-Object { @{ Text = $_.Key; About = $_.Value } })
    } else {
        $offers = @($arguments[$place] | ForEach-Object { @{ Text = $_; About = $_ } })
    }
    $offers | Where-Object { $_.Text -and $_.Text.StartsWith($text) } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$before$($_.Text)", $_.Text, 'ParameterValue', $_.About)
    }
}
`
}

function subcommands({ path, commands }: CommandShape): string {
  const pairs = commands.map(({ name, summary }) => `${quoted(name)} = ${quoted(summary)}`)
  return `        ${quoted(path)} = [ordered]@{ ${pairs.join('; ')} }`
}

function subcommandLines({ path, name, aliases }: CommandShape): string[] {
  const parent = path.slice(0, -name.length - 1)
  return [name, ...aliases].map(word => `        ${quoted(`${parent} ${word}`)} = ${quoted(path)}`)
}

function valueLines({ names, values, paths }: FlagWithPaths): string[] {
  if (values === undefined) return []
  const keys = paths === undefined ? names : paths.flatMap(path => names.map(name => `${path} ${name}`))
  return keys.map(
    key =>
      `        ${quoted(key)} = @{ Words = ${array(wordsOf(values))}; List = $${'list' in values && values.list ? 'true' : 'false'} }`
  )
}

const wordsOf = (values: Values): readonly string[] => (values.kind === 'words' ? values.words : [])

/** Returns each flag once without regard to case, because the keys of a hash table are unique and case-insensitive. */
function descriptions(root: CommandShape): string[] {
  const found = new Map(
    distinctFlags(root).flatMap(({ names, description }) =>
      names.map(name => [name.toLowerCase(), [name, description] as const] as const)
    )
  )
  return [...found.values()].map(([name, description]) => `        ${quoted(name)} = ${quoted(description)}`)
}

const array = (words: readonly string[]): string => `@(${words.map(quoted).join(', ')})`
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
