import type { Context } from '../../src/context.js'
import { Settings } from '../../src/config/settings.js'
import type { Event, Flow, Hooks } from '../../src/engine/flow.js'
import {
  type Change,
  type ConnectionPhase,
  type Emit,
  type IdentityPhase,
  type ObjectKind,
  reportOnly
} from '../../src/engine/phase.js'
import { runFlow } from '../../src/engine/run.js'
import type { Identity } from '../../src/identities/identity.js'

export const identity = { kind: 'application' } as Identity

export const changeOf = (noun: string, action: Change['action'], more: Partial<ObjectKind> = {}): Change => ({
  kind: { noun, resultField: noun, reference: () => noun, ...more },
  action,
  fields: {}
})

const base = (name: string) => ({
  name,
  alias: name.slice(0, 2),
  summary: name,
  objects: [],
  options: { create: [], delete: [] },
  services: () => [],
  validate: () => undefined
})

/** A plan with one change, which resolves to `result` when it is applied. */
const planOf = <T>(change: Change, result: T) => ({
  changes: [change],
  apply: (emit: Emit) => {
    emit(change)
    return Promise.resolve(result)
  }
})

/** A connection phase that changes one object with its name. */
export const connection = (name: string, more: Partial<ConnectionPhase> = {}): ConnectionPhase => ({
  ...base(name),
  create: () => Promise.resolve(planOf(changeOf(name, 'create'), undefined)),
  delete: () => Promise.resolve(planOf(changeOf(name, 'delete'), undefined)),
  ...more
})

/** The phase of the application. Create finds no application, and creates `identity`. Delete deletes it. */
export const provider = (more: Partial<IdentityPhase> = {}): IdentityPhase => ({
  ...base('app'),
  provides: 'application',
  refer: () => identity,
  create: () => Promise.resolve(planOf(changeOf('app', 'create', { identity: 'application' }), identity)),
  delete: () => Promise.resolve(planOf(changeOf('app', 'delete', { identity: 'application' }), undefined)),
  ...more
})

/** The phase of the managed identity. Delete finds no managed identity. */
export const managedProvider = (more: Partial<IdentityPhase> = {}): IdentityPhase =>
  provider({
    name: 'managed',
    provides: 'managed-identity',
    delete: () => Promise.resolve(reportOnly()),
    ...more
  })

/** A context with these flags, which logs to `log`. */
export const contextWith = (flags: Readonly<Record<string, string>> = {}, log: string[] = []): Context =>
  ({
    settings: new Settings(['managedIdentityName', 'managedIdentityResourceGroup', 'aadApplicationName'], flags, {}),
    log: {
      info: (line: string) => void log.push(line),
      warn: (line: string) => void log.push(`warning: ${line}`)
    }
  }) as unknown as Context

/** Runs a flow and returns its result, and one line for each thing that happened, in order. */
export async function runPhases(
  flow: Partial<Flow> & Pick<Flow, 'phases'>,
  {
    interruption = new AbortController().signal,
    verify = () => Promise.resolve(),
    confirm = () => Promise.resolve(),
    context = contextWith()
  }: Partial<Pick<Hooks, 'interruption' | 'verify'>> & { confirm?: () => Promise<void>; context?: Context } = {}
) {
  const lines: string[] = []
  const prepared: string[] = []
  const result = await runFlow({ verb: 'create', skip: [], dryRun: false, ...flow }, context, {
    prepare: phases => {
      prepared.push(...phases.map(({ name }) => name))
      return Promise.resolve()
    },
    verify,
    confirm: changes => {
      lines.push(`confirm ${changes.map(({ kind }) => kind.noun).join(' ')}`)
      return confirm()
    },
    emit: event => lines.push(describeEvent(event)),
    interruption
  })
  return { ...result, lines, prepared }
}

function describeEvent(event: Event): string {
  switch (event.type) {
    case 'skipped':
      return `skipped ${event.phase}: ${event.reason ?? 'on request'}`
    case 'planned':
    case 'changed':
      return `${event.type} ${event.change.action} ${event.change.kind.noun}`
    case 'failed':
      return `failed ${event.phase}: ${(event.error as Error).message}`
    case 'not-started':
      return `not started ${event.phase}: ${event.because}`
  }
}
