import { Command, Option } from 'commander'
import { optionsOf } from '../../config/options.js'
import type { Io } from '../../terminal/io.js'
import { addFlags } from '../flags.js'

/** Commander's own flags of this verb; those of the options table come beside them, as texts. */
export interface ApplyFlags extends Readonly<Record<string, unknown>> {
  readonly filename?: readonly string[]
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly prune?: boolean
  readonly substitute?: boolean
  readonly debug?: boolean
}

/** What it does, in a line. */
export const applySummary = 'Connect all the service accounts of a file; run again, it does only what is left'

/** `azwi serviceaccount apply -f`: what create does, for all the workloads of files. */
export function applyCommand(io: Io): Command {
  const command = new Command('apply')
    .summary(applySummary)
    .description(
      'Connect all the service accounts of files (docs/workloads.md); run again, it does only what is left to do.'
    )
    .addOption(repeatable('-f, --filename <path>', 'file, folder, or - for stdin; may be given again'))
    .addOption(repeatable('--include <glob>', 'only these, by namespace/name; may be given again'))
    .addOption(repeatable('--exclude <glob>', 'not these; may be given again'))
    .option('--prune', 'take away what an earlier apply of the same set made and the files no longer have')
    .option('--substitute', 'replace ${NAME} in the files by environment variables')
  addFlags(command, optionsOf('apply'), 'apply')
  return command.action(async (flags: ApplyFlags) => {
    // The readers of YAML and of the schema are of use to no other verb.
    const { applyWorkloads } = await import('./apply-workloads.js')
    await applyWorkloads(flags, io)
  })
}

const repeatable = (flags: string, help: string): Option =>
  new Option(flags, help).argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text])
