import type { Action, Change, Kind } from '../../engine/phase.js'
import type { View } from '../format.js'

type Verdict = 'created' | 'updated' | 'kept' | 'deleted' | 'skipped'

/** What machine output says was done; in a dry run, what would be. */
const verdicts: Readonly<Record<Action, Verdict>> = {
  create: 'created',
  update: 'updated',
  keep: 'kept',
  delete: 'deleted',
  purge: 'deleted',
  strip: 'kept',
  absent: 'skipped'
}

/** An object of the result: its kind's ids, and what became of it. */
type Entry = Readonly<Record<string, unknown>>

export interface FlowSummary {
  readonly changes: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  readonly errors: readonly unknown[]
  readonly dryRun: boolean
}

/** The result of create and delete for programs: docs/output.md. */
export function flowView({ changes, skipped, errors, dryRun }: FlowSummary): View {
  // That there is no role, an empty list says.
  const told = changes.filter(change => isNamed(change) || change.reason !== undefined)
  const of = (...kinds: readonly Kind[]): Entry[] => told.filter(({ kind }) => kinds.includes(kind)).map(entry)
  const [identity] = of('application', 'managed-identity')
  const [servicePrincipal] = of('service-principal')
  const [credential] = of('credential')
  const [serviceAccount] = of('service-account')
  const [namespace] = of('namespace')
  return {
    text: '',
    data: {
      ...(dryRun ? { dryRun } : {}),
      ...defined({ identity, servicePrincipal, namespace, serviceAccount, credential }),
      roleAssignments: of('role-assignment'),
      ...(skipped.length > 0 ? { skipped: skipped.map(({ phase, reason }) => defined({ phase, reason })) } : {}),
      ...(errors.length > 0 ? { errors } : {})
    },
    names: changes.filter(change => change.action !== 'absent' && isNamed(change)).map(nameOf)
  }
}

/** Whether it is about one object: some are about all the roles that an identity has. */
const isNamed = ({ fields }: Change): boolean => Object.values(fields).some(value => value !== undefined)

/** Whether anything was, or would be, changed. */
export function changesSomething(changes: readonly Change[]): boolean {
  return changes.some(
    ({ action, kind }) =>
      ['created', 'updated', 'deleted'].includes(verdicts[action]) || (action === 'strip' && kind === 'service-account')
  )
}

/** The log's names of ids, in the spelling of the rest of the document. */
const keys: Readonly<Record<string, string>> = {
  clientID: 'clientId',
  objectID: 'objectId',
  principalID: 'principalId',
  managedIdentityID: 'id',
  servicePrincipalObjectID: 'principalId',
  roleAssignmentID: 'id',
  issuerURL: 'issuer'
}
/** Of a credential, the ids in the log are those of the identity that it hangs on. */
const ownerKeys: Readonly<Record<string, string>> = {
  objectID: 'applicationObjectId',
  managedIdentityID: 'managedIdentityId'
}

function entry({ kind, action, fields, reason, differences = [] }: Change): Entry {
  const named = Object.entries(fields).map(([key, value]) => [
    (kind === 'credential' ? ownerKeys[key] : undefined) ?? keys[key] ?? key,
    value
  ])
  const isIdentity = kind === 'application' || kind === 'managed-identity'
  const verdict = action === 'strip' && kind === 'service-account' ? 'updated' : verdicts[action]
  return {
    ...(isIdentity ? { kind } : {}),
    action: verdict,
    ...defined(Object.fromEntries(named) as Entry),
    ...(reason === undefined ? {} : { reason }),
    ...(differences.length > 0 ? { differences: differences.map(each => ({ ...each })) } : {})
  }
}

function nameOf({ kind, fields }: Change): string {
  switch (kind) {
    case 'application':
      return `application/${fields.clientID ?? fields.name ?? ''}`
    case 'managed-identity':
      return `managedidentity/${fields.name ?? ''}`
    case 'service-principal':
      return `serviceprincipal/${fields.objectID ?? fields.name ?? ''}`
    case 'namespace':
      return `namespace/${fields.name ?? ''}`
    case 'service-account':
      return `serviceaccount/${fields.namespace ?? ''}/${fields.name ?? ''}`
    case 'credential':
      return `federatedcredential/${fields.subject ?? ''}`
    case 'role-assignment':
      return `roleassignment/${fields.roleAssignmentID ?? `${fields.role ?? ''}@${fields.scope ?? ''}`}`
  }
}

const defined = (entries: Entry): Entry =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
