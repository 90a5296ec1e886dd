import type { Action, Change, Kind } from '../../engine/phase.js'
import type { Fields, Level } from '../log.js'

const nouns: Readonly<Record<Kind, string>> = {
  application: 'AAD application',
  'managed-identity': 'managed identity',
  'service-principal': 'service principal',
  namespace: 'namespace',
  'service-account': 'Kubernetes service account',
  credential: 'federated credential',
  'role-assignment': 'role assignment'
}

/** What the log says of an object once it has been dealt with. */
const done: Readonly<Record<Action, (noun: string) => string>> = {
  create: noun => `created ${noun}`,
  update: noun => `updated ${noun}`,
  keep: noun => `${noun} already exists`,
  delete: noun => `deleted ${noun}`,
  purge: noun => `purged ${noun}`,
  strip: noun => `kept ${noun}`,
  absent: noun => `${noun} not found`
}

/** What it says beforehand. */
const planned: Readonly<Record<Action, (noun: string) => string>> = {
  ...done,
  create: noun => `would create ${noun}`,
  update: noun => `would update ${noun}`,
  delete: noun => `would delete ${noun}`,
  purge: noun => `would purge ${noun}`,
  strip: noun => `would keep ${noun}`
}

/** Where the Go azwi had words of its own, scripts may look for them. */
const exceptions: Readonly<Record<string, string>> = {
  'created AAD application': 'created an AAD application',
  'created federated credential': 'added federated credential',
  'would keep Kubernetes service account':
    'would remove annotations from Kubernetes service account, and keep the rest',
  'kept Kubernetes service account': 'removed annotations from Kubernetes service account, kept the rest'
}

/** One line of the log: what a phase did, found already done, or (in a dry run) would do. */
export function describeChange(
  phase: string,
  { kind, action, fields, reason }: Change,
  dryRun = false
): { level: Level; message: string; fields: Fields } {
  const noun = nouns[kind]
  const text =
    action === 'keep' && reason !== undefined ? `kept ${noun}, as it is` : (dryRun ? planned : done)[action](noun)
  const level = action === 'absent' ? 'warn' : 'info'
  return {
    level,
    message: `[${phase}] ${exceptions[text] ?? text}`,
    fields: { ...fields, ...(reason === undefined ? {} : { reason }) }
  }
}

/** An object for a summary: `AAD application "name"`. */
export function nameChange({ kind, fields }: Change): string {
  const name = fields.name ?? fields.subject ?? fields.role ?? fields.roleAssignmentID
  return name === undefined ? nouns[kind] : `${nouns[kind]} "${name}"`
}
