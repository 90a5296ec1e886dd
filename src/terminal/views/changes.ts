import type { Action, Change, ObjectKind } from '../../engine/phase.js'
import type { Fields, Level } from '../log.js'

type Message = (noun: string) => string

/** The message for a finished action. */
const done: Readonly<Record<Action, Message>> = {
  create: noun => `created ${noun}`,
  update: noun => `updated ${noun}`,
  keep: noun => `${noun} already exists`,
  delete: noun => `deleted ${noun}`,
  purge: noun => `purged ${noun}`,
  strip: noun => `removed annotations from ${noun}, kept the rest`,
  retain: noun => `kept ${noun}`,
  absent: noun => `${noun} not found`,
  leftover: noun => `${noun} is no longer needed`
}

/** The message for a planned action. */
const planned: Readonly<Record<Action, Message>> = {
  ...done,
  create: noun => `would create ${noun}`,
  update: noun => `would update ${noun}`,
  delete: noun => `would delete ${noun}`,
  purge: noun => `would purge ${noun}`,
  strip: noun => `would remove annotations from ${noun}, and keep the rest`,
  retain: noun => `would keep ${noun}`
}

/** Returns one line of the log: what a phase did or found, or, in a dry run, would do. */
export function describeChange(
  phase: string,
  { kind, action, fields, reason }: Change,
  dryRun = false
): { level: Level; message: string; fields: Fields } {
  return {
    level: action === 'absent' ? 'warn' : 'info',
    message: `[${phase}] ${messageOf(kind, action, reason, dryRun)}`,
    fields: { ...fields, ...(reason === undefined ? {} : { reason }) }
  }
}

function messageOf(kind: ObjectKind, action: Action, reason: string | undefined, dryRun: boolean): string {
  if (action === 'keep' && reason !== undefined) return `kept ${kind.noun}, as it is`
  return dryRun ? planned[action](kind.noun) : (kind.messages?.[action] ?? done[action](kind.noun))
}

/** Names an object in a summary: `AAD application "name"`. */
export function nameChange({ kind, fields }: Change): string {
  const name = fields.name ?? fields.subject ?? fields.role ?? fields.roleAssignmentID
  return name === undefined ? kind.noun : `${kind.noun} "${name}"`
}
