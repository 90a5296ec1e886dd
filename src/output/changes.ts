import type { Action, Change, Kind } from '../phases/phase.js'
import type { Fields, Level } from './log.js'

type Wording = Readonly<Record<Action, string>>

/** What the log says of an object once it has been dealt with: the Go azwi's own words where it had any. */
const wordings: Readonly<Record<Kind, Wording>> = {
  'application': {
    create: 'created an AAD application', update: 'updated AAD application', keep: 'AAD application already exists',
    delete: 'deleted AAD application', strip: 'kept AAD application', absent: 'AAD application not found'
  },
  'managed-identity': {
    create: 'created managed identity', update: 'updated managed identity', keep: 'managed identity already exists',
    delete: 'deleted managed identity', strip: 'kept managed identity', absent: 'managed identity not found'
  },
  'service-principal': {
    create: 'created service principal', update: 'updated service principal', keep: 'service principal already exists',
    delete: 'deleted service principal', strip: 'kept service principal', absent: 'service principal not found'
  },
  'namespace': {
    create: 'created namespace', update: 'updated namespace', keep: 'namespace already exists',
    delete: 'deleted namespace', strip: 'kept namespace', absent: 'namespace not found'
  },
  'service-account': {
    create: 'created Kubernetes service account', update: 'updated Kubernetes service account', keep: 'Kubernetes service account is unchanged',
    delete: 'deleted Kubernetes service account', strip: 'removed annotations from Kubernetes service account, kept the rest',
    absent: 'Kubernetes service account not found'
  },
  'credential': {
    create: 'added federated credential', update: 'updated federated credential', keep: 'federated credential already exists',
    delete: 'deleted federated credential', strip: 'kept federated credential', absent: 'federated credential not found'
  },
  'role-assignment': {
    create: 'created role assignment', update: 'updated role assignment', keep: 'role assignment already exists',
    delete: 'deleted role assignment', strip: 'kept role assignment', absent: 'role assignment not found'
  }
}

/** One line of the log: what a phase did, or found already done. */
export function describeChange(phase: string, { kind, action, fields, reason }: Change): { level: Level; message: string; fields: Fields } {
  const level = action === 'absent' ? 'warn' : 'info'
  return { level, message: `[${phase}] ${wordings[kind][action]}`, fields: { ...fields, ...(reason === undefined ? {} : { reason }) } }
}
