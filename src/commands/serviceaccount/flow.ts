import { Command } from 'commander'
import { type App, createApp } from '../../app.js'
import { type OptionName, optionsOf } from '../../config/options.js'
import { Settings } from '../../config/settings.js'
import type { Service } from '../../context.js'
import type { Flow } from '../../engine/flow.js'
import { runFlow } from '../../engine/run.js'
import { inOrder, phasesNamed } from '../../engine/order.js'
import { type Change, type Phase, providesIdentity, type Verb } from '../../engine/phase.js'
import { ExitCode, ExitStatus } from '../../errors.js'
import { objectKinds, phases } from '../../phases/index.js'
import type { Io } from '../../terminal/io.js'
import { namesIssuer } from '../../identities/choice.js'
import { errorData, reportError } from '../../terminal/report-error.js'
import { changesSomething, flowView } from '../../terminal/views/flow.js'
import { addFlags } from '../flags.js'
import { createFlowLog } from './flow-log.js'

/** What create and delete do in addition to their phases. */
export interface FlowVerb {
  readonly verb: Verb
  readonly summary: string
  /** Returns the services that the verb needs in addition to those of its phases. */
  readonly services?: (settings: Settings) => readonly Service[]
  /** Receives all planned changes before anything is written, or at the end of a dry run. Throws to cancel. */
  readonly review?: (changes: readonly Change[], settings: Settings, io: Io) => Promise<void>
  /** Runs after all phases have succeeded, except in a dry run. */
  readonly finish?: (app: App, changes: readonly Change[]) => Promise<void>
}

/** Builds `azwi serviceaccount create` or `delete`, with `phase <name>` below it, from the table of phases. */
export function flowCommand(flowVerb: FlowVerb, io: Io, words?: readonly string[]): Command {
  const { verb, summary } = flowVerb
  const ordered = inOrder(phases, verb)
  const command = new Command(verb)
    .enablePositionalOptions()
    .summary(summary)
    .description(`${summary}.`)
    .addHelpText(
      'after',
      `\nPhases, in order; those that do not need one another run side by side:\n${phaseList(ordered)}\n`
    )
  const names = optionNames(phases, verb)
  addFlags(command, names, verb)
  command.action(async (flags: Record<string, unknown>) => {
    await runCommand(flowVerb, { phases: ordered }, names, flags, io)
  })
  const single = new Command('phase')
    .enablePositionalOptions()
    .summary(`Run one phase of ${verb}`)
    .description(`Run one phase of ${verb}.`)
  // Each phase has about thirty flags, so this builds the commands only if the command line might call one.
  if (words?.includes('phase') !== false)
    for (const phase of ordered) single.addCommand(phaseCommand(phase, flowVerb, io))
  return command.addCommand(single)
}

function phaseCommand(phase: Phase, flowVerb: FlowVerb, io: Io): Command {
  const { verb } = flowVerb
  // A connection phase also takes the flags that select its identity.
  const names = optionNames(
    providesIdentity(phase) ? [phase] : [phase, ...phases.filter(providesIdentity)],
    verb
  ).filter(name => name !== 'skipPhases')
  const command = new Command(phase.name)
    .alias(phase.alias)
    .summary(phase.summary)
    .description(`${capitalized(verb)} ${phase.summary}.`)
  addFlags(command, names, verb)
  return command.action(async (flags: Record<string, unknown>) => {
    await runCommand(flowVerb, { phases, only: phase }, names, flags, io)
  })
}

async function runCommand(
  flowVerb: FlowVerb,
  choice: Pick<Flow, 'phases' | 'only'>,
  names: readonly OptionName[],
  flags: Record<string, unknown>,
  io: Io
): Promise<void> {
  const settings = new Settings(names, flags, io.host.environment)
  const skip = phasesNamed(settings.all('skipPhases').flat(), phases)
  const flow: Flow = { ...choice, verb: flowVerb.verb, skip, dryRun: settings.given('dryRun') }
  const app = createApp(io, settings)
  try {
    await runAndReport(app, flowVerb, flow, flags.debug === true, io)
  } finally {
    await app.close()
  }
}

async function runAndReport(app: App, flowVerb: FlowVerb, flow: Flow, debug: boolean, io: Io): Promise<void> {
  const { settings } = app
  const { review, finish, services } = flowVerb
  const flowLog = createFlowLog(io, flow)
  const servicesOf = (running: readonly Phase[]): ReadonlySet<Service> =>
    new Set([...running.flatMap(phase => phase.services(settings, flow.verb)), ...(services?.(settings) ?? [])])
  const result = await runFlow(flow, app, {
    prepare: running => app.prepare(servicesOf(running)),
    verify: async (running, planned) => {
      // A run that does not use the cluster needs no login to it, so its issuer is not compared.
      if (!namesIssuer(settings) || !servicesOf(running).has('kubernetes')) return
      const { refuseOtherIssuers, issuersOfFlags } = await import('../../ownership/issuer.js')
      await refuseOtherIssuers(app, issuersOfFlags(app), planned)
    },
    confirm: async changes => review?.(changes, settings, io),
    emit: flowLog.record,
    interruption: io.host.interruption
  })
  const { changes, skipped } = flowLog
  if (flow.dryRun) await review?.(changes, settings, io)
  const failures = [...result.failures]
  if (failures.length === 0 && !flow.dryRun)
    await finish?.(app, changes).catch((error: unknown) => failures.push(error))
  const errors = failures.map(errorData)
  await io.printResult(flowView({ kinds: objectKinds, changes, skipped, errors, dryRun: flow.dryRun }))
  if (failures.length === 0) {
    if (flow.dryRun && settings.given('detailedExitcode') && changesSomething(changes))
      throw new ExitStatus(ExitCode.usage)
    return
  }
  const codes = failures.map(failure => reportError(failure, io, debug))
  flowLog.summarizeFailure()
  throw new ExitStatus(codes.find(code => code !== ExitCode.failed) ?? ExitCode.failed)
}

/** Returns the options that some phases, or the verb itself, take. */
function optionNames(ofCommand: readonly Phase[], verb: Verb): OptionName[] {
  const ofPhases = ofCommand.flatMap(phase => phase.options[verb])
  // --wait exchanges the token of a service account, so it needs one.
  const common = optionsOf(verb).filter(name => name !== 'wait' || ofPhases.includes('serviceAccountName'))
  return [...new Set([...ofPhases, ...common])]
}

function phaseList(ordered: readonly Phase[]): string {
  const width = Math.max(...ordered.map(({ name, alias }) => name.length + alias.length + 3))
  return ordered.map(({ name, alias, summary }) => `  ${`${name} (${alias})`.padEnd(width)}  ${summary}`).join('\n')
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
