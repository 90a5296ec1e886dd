import { Command, Option } from 'commander'
import { type App, createApp } from '../../app.js'
import { azureOptions, clusterOptions, flowOptions, type OptionName } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import { ExitCode, ExitStatus } from '../../errors.js'
import type { Io } from '../../terminal/io.js'
import { changesSomething, flowView } from '../../terminal/views/flow.js'
import { errorData, reportError } from '../../terminal/report-error.js'
import { awaitExchange } from '../../engine/await-exchange.js'
import { inOrder, phasesNamed } from '../../engine/order.js'
import { phases } from '../../phases/index.js'
import type { AnyPhase, Verb } from '../../engine/phase.js'
import { type Flow, runFlow } from '../../engine/flow.js'
import { addFlags } from '../flags.js'
import { confirmDeletion, warnOfOrphans } from './confirm.js'
import { createFlowLog } from './flow-log.js'

/** What each of the two does, in a line. */
export const summaries: Readonly<Record<Verb, string>> = {
  create: 'Connect a service account to an Azure identity; run again, it changes nothing',
  delete: 'Take the connection away again: only what azwi made is deleted'
}

/** `azwi serviceaccount create` or `delete`, with `phase <name>` below it: all derived from the table of phases. */
export function flowCommand(verb: Verb, io: Io, words?: readonly string[]): Command {
  const ordered = inOrder(phases, verb)
  const list = `\nPhases, in order; those that do not need one another run side by side:\n${listPhases(ordered)}\n`
  const command = new Command(verb)
    .enablePositionalOptions()
    .summary(summaries[verb])
    .description(`${summaries[verb]}.`)
    .addHelpText('after', list)
  const names = optionNames(phases, verb)
  addFlags(command, names, verb)
  command
    .addOption(
      new Option('--skip-phases <names>', 'phases not to run, separated by commas; may be given again').argParser(
        collectNames
      )
    )
    .action(async (flags: Record<string, unknown>) => {
      const skip = phasesNamed((flags.skipPhases as string[] | undefined) ?? [], phases)
      await runCommand({ verb, phases: ordered, skip }, names, flags, io)
    })
  const single = new Command('phase')
    .enablePositionalOptions()
    .summary(`Run one phase of ${verb}`)
    .description(`Run one phase of ${verb}.`)
  // Each has some thirty flags: they are made only for a line that may call one.
  if (words?.includes('phase') !== false) for (const phase of ordered) single.addCommand(phaseCommand(phase, verb, io))
  return command.addCommand(single)
}

function phaseCommand(phase: AnyPhase, verb: Verb, io: Io): Command {
  const names = optionNames(phaseAndProviders(phase), verb)
  const command = new Command(phase.name)
    .alias(phase.alias)
    .summary(phase.summary)
    .description(`${capitalized(verb)} ${phase.summary}.`)
  addFlags(command, names, verb)
  return command.action(async (flags: Record<string, unknown>) => {
    await runCommand({ verb, phases, skip: [], only: phase }, names, flags, io)
  })
}

async function runCommand(
  what: Omit<Flow, 'dryRun'>,
  names: readonly OptionName[],
  flags: Record<string, unknown>,
  io: Io
): Promise<void> {
  const settings = new Settings(names, flags, io.host.environment)
  const flow: Flow = { ...what, dryRun: settings.given('dryRun') }
  const app = createApp(io, settings)
  try {
    await runWith(app, flow, flags.debug === true, io)
  } finally {
    app.close()
  }
}

async function runWith(app: App, flow: Flow, debug: boolean, io: Io): Promise<void> {
  const { settings } = app
  const flowLog = createFlowLog(io, flow)
  const { failures: flowFailures } = await runFlow(flow, app, {
    prepare: running =>
      app.prepare(
        new Set([
          ...running.flatMap(phase => phase.uses(settings, flow.verb)),
          ...(settings.given('wait') ? ['kubernetes' as const] : [])
        ])
      ),
    confirm: async changes => {
      if (flow.verb === 'delete') warnOfOrphans(changes, io)
      if (flow.verb === 'delete' && !settings.given('yes')) await confirmDeletion(changes, io)
    },
    emit: flowLog.tell,
    interruption: io.host.interruption
  })
  const { done, skipped } = flowLog
  if (flow.dryRun && flow.verb === 'delete') warnOfOrphans(done, io)
  const wait = flowFailures.length === 0 && settings.given('wait') && !flow.dryRun
  const failures = wait
    ? await awaitExchange(app, done).then(
        () => [],
        (error: unknown) => [error]
      )
    : flowFailures
  await io.result(flowView({ changes: done, skipped, errors: failures.map(errorData), dryRun: flow.dryRun }))
  if (failures.length === 0) {
    if (flow.dryRun && settings.given('detailedExitcode') && changesSomething(done))
      throw new ExitStatus(ExitCode.usage)
    return
  }
  const codes = failures.map(failure => reportError(failure, io, debug))
  flowLog.summarizeFailure()
  throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
}

/** A phase alone also takes the flags that say where the facts that it needs are to be found. */
function phaseAndProviders(phase: AnyPhase): AnyPhase[] {
  return [phase, ...phases.filter(({ provides }) => provides !== undefined && phase.needs.includes(provides))]
}

function optionNames(among: readonly AnyPhase[], verb: Verb): OptionName[] {
  const own = among.flatMap(phase => phase.options[verb])
  // --wait is about one service account's token.
  const common = flowOptions[verb].filter(name => name !== 'wait' || own.includes('serviceAccountName'))
  return [...new Set([...own, ...common, ...clusterOptions, ...azureOptions])]
}

function listPhases(ordered: readonly AnyPhase[]): string {
  const width = Math.max(...ordered.map(({ name, alias }) => name.length + alias.length + 3))
  return ordered.map(({ name, alias, summary }) => `  ${`${name} (${alias})`.padEnd(width)}  ${summary}`).join('\n')
}

const collectNames = (text: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  ...text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
]

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
