import { definedEntries } from '../../collections.js'
import type { Action, Change, ObjectKind } from '../../engine/phase.js'
import type { View } from '../format.js'

type ResultAction = 'created' | 'updated' | 'kept' | 'deleted' | 'skipped' | 'leftover'

/** The action in the result for each planned or finished action. */
const resultActions: Readonly<Record<Action, ResultAction>> = {
  create: 'created',
  update: 'updated',
  keep: 'kept',
  delete: 'deleted',
  purge: 'deleted',
  strip: 'updated',
  retain: 'kept',
  absent: 'skipped',
  leftover: 'leftover'
}

/** An object of the result: its IDs, and the action. */
type Entry = Readonly<Record<string, unknown>>

/** The result of one run of a flow. */
interface FlowSummary {
  /** All kinds of object, in the order of the result. */
  readonly kinds: readonly ObjectKind[]
  readonly changes: readonly Change[]
  readonly skipped: readonly { readonly phase: string; readonly reason: string | undefined }[]
  readonly errors: readonly unknown[]
  readonly dryRun: boolean
}

/** Renders the result of create and delete for programs, in the shape of docs/output.md. The text is empty: the log has everything. */
export function flowView({ kinds, changes, skipped, errors, dryRun }: FlowSummary): View {
  // An empty list of roles is clear without such an entry.
  const reported = changes.filter(change => isNamed(change) || change.reason !== undefined)
  const objects = kinds.map(kind => {
    const entries = reported.filter(change => change.kind === kind).map(entry)
    return kind.isList === true ? { [kind.resultField]: entries } : definedEntries({ [kind.resultField]: entries[0] })
  })
  return {
    text: '',
    data: {
      ...(dryRun ? { dryRun } : {}),
      ...(Object.assign({}, ...objects) as Entry),
      ...(skipped.length > 0 ? { skipped: skipped.map(({ phase, reason }) => definedEntries({ phase, reason })) } : {}),
      ...(errors.length > 0 ? { errors } : {})
    },
    names: changes
      .filter(change => change.action !== 'absent' && isNamed(change))
      .map(({ kind, fields }) => kind.reference(fields))
  }
}

/** Reports whether the change is about one object. A change can also be about all roles of an identity. */
const isNamed = ({ fields }: Change): boolean => Object.values(fields).some(value => value !== undefined)

/** Reports whether an action changes anything, or would outside a dry run. */
export function changesSomething(changes: readonly Change[]): boolean {
  return changes.some(({ action }) => ['created', 'updated', 'deleted'].includes(resultActions[action]))
}

/** The keys of the log, and the keys of the result that differ from them. */
const resultKeys: Readonly<Record<string, string>> = {
  clientID: 'clientId',
  objectID: 'objectId',
  principalID: 'principalId',
  managedIdentityID: 'id',
  servicePrincipalObjectID: 'principalId',
  roleAssignmentID: 'id',
  issuerURL: 'issuer'
}

function entry({ kind, action, fields, reason, differences = [] }: Change): Entry {
  const renamed = Object.entries(fields).map(([key, value]) => [
    kind.resultKeys?.[key] ?? resultKeys[key] ?? key,
    value
  ])
  return {
    ...(kind.identity === undefined ? {} : { kind: kind.identity }),
    action: resultActions[action],
    ...definedEntries(Object.fromEntries(renamed) as Entry),
    ...(reason === undefined ? {} : { reason }),
    ...(differences.length > 0 ? { differences: differences.map(difference => ({ ...difference })) } : {})
  }
}
