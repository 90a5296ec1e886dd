import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import type { ManagedFieldsEntry } from '../cluster.js'
import { type StatusCause, StatusError } from '../status-error.js'
import {
  decodeFields,
  difference,
  encodeFields,
  type FieldSet,
  formatPath,
  hasFieldsWithin,
  intersection,
  keyToPath,
  union
} from './field-set.js'
import type { Schema } from './schema.js'
import { compare, fieldsOf, merge, removeField } from './structured-merge.js'

/**
 * Fields that nobody owns, because the server sets them or they identify the object (apimachinery, fieldmanager,
 * `stripMeta`).
 */
const unownedMetadata = [
  'name',
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'selfLink',
  'uid',
  'generation',
  'resourceVersion',
  'managedFields'
]

/** Returns the fields of an object that managers can own. */
export function ownableFields({ metadata, ...object }: JsonObject): JsonObject {
  const kept = isJsonObject(metadata)
    ? Object.entries(metadata).filter(([name]) => !unownedMetadata.includes(name))
    : []
  const rest = Object.entries(object).filter(([name]) => name !== 'apiVersion' && name !== 'kind')
  return { ...Object.fromEntries(rest), ...(kept.length === 0 ? {} : { metadata: Object.fromEntries(kept) }) }
}

/** The properties of a kind that field ownership depends on. */
export interface ManagedType {
  readonly schema: Schema
  /** Group and version, as in `managedFields`. */
  readonly apiVersion: string
}

interface FieldManager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly fields: FieldSet
  readonly time: string
}

/**
 * Returns the managed fields after a create, an update or a patch. The manager takes the ownership of all fields that
 * it added or changed. `before` and `live` are empty for a create.
 */
export function updateManagedFields(
  before: readonly ManagedFieldsEntry[],
  live: JsonObject,
  next: JsonObject,
  { schema, apiVersion }: ManagedType,
  manager: string,
  time: string
): ManagedFieldsEntry[] {
  const { added, modified, removed } = compare(ownableFields(live), ownableFields(next), schema)
  const taken = union(added, modified)
  const managers = decodeManagers(before)
  const self = managers.find(({ name, operation }) => name === manager && operation === 'Update')
  const others = managers
    .filter(other => other !== self)
    .map(other => ({ ...other, fields: difference(other.fields, union(taken, removed)) }))
  const fields = union(difference(self?.fields ?? new Set(), removed), taken)
  return encodeManagers(
    [...others, { name: manager, operation: 'Update', fields, time: taken.size > 0 ? time : (self?.time ?? time) }],
    apiVersion
  )
}

/** The result of a server-side apply. */
export interface ApplyResult {
  /**
   * The live object merged with the applied one, without the fields that the manager applied before and left out now.
   */
  readonly content: JsonObject
  readonly managedFields: ManagedFieldsEntry[]
}

/**
 * Applies an object by server-side apply (kubernetes.io, Server-Side Apply). `before` and `live` are empty if the
 * object does not exist. Throws a 409 if another manager owns a field with a different value, unless `force` is set.
 */
export function serverSideApply(
  before: readonly ManagedFieldsEntry[],
  live: JsonObject,
  applied: JsonObject,
  { schema, apiVersion }: ManagedType,
  options: { readonly manager: string; readonly force: boolean; readonly time: string }
): ApplyResult {
  const { manager, force, time } = options
  const managers = decodeManagers(before)
  const self = managers.find(({ name, operation }) => name === manager && operation === 'Apply')
  const others = managers.filter(other => other !== self)
  const fields = fieldsOf(ownableFields(applied), schema)
  let content = merge(ownableFields(live), ownableFields(applied), schema)
  for (const path of [...difference(self?.fields ?? new Set(), fields)].map(keyToPath)) {
    if (!hasFieldsWithin(fields, path) && !others.some(other => hasFieldsWithin(other.fields, path)))
      content = removeField(content, schema, path)
  }
  const { added, modified, removed } = compare(ownableFields(live), content, schema)
  const taken = union(added, modified)
  const conflicts = others.flatMap(owner =>
    [...intersection(owner.fields, taken)].map(key => ({ owner, field: formatPath(keyToPath(key)) }))
  )
  if (conflicts.length > 0 && !force) throw conflictError(conflicts, apiVersion)
  const unchanged = self?.fields.size === fields.size && difference(fields, self.fields).size === 0
  return {
    content: isJsonObject(content) ? content : {},
    managedFields: encodeManagers(
      [
        { name: manager, operation: 'Apply', fields, time: unchanged ? self.time : time },
        ...others.map(other => ({ ...other, fields: difference(other.fields, union(taken, removed)) }))
      ],
      apiVersion
    )
  }
}

function conflictError(
  conflicts: readonly { readonly owner: FieldManager; readonly field: string }[],
  apiVersion: string
): StatusError {
  const describe = (owner: FieldManager) =>
    `conflict with "${owner.name}"${owner.operation === 'Update' ? ` using ${apiVersion}` : ''}`
  const causes = conflicts.map(({ owner, field }) => ({
    reason: 'FieldManagerConflict',
    message: describe(owner),
    field
  }))
  const [first] = causes
  const text =
    causes.length === 1 && first !== undefined
      ? `1 conflict: ${first.message}: ${first.field}`
      : `${causes.length} conflicts: ${formatConflicts(causes)}`
  return new StatusError(409, 'Conflict', `Apply failed with ${text}`, { causes })
}

function formatConflicts(causes: readonly StatusCause[]): string {
  const messages = [...new Set(causes.map(cause => cause.message))]
  return messages
    .map(message => {
      const fields = causes.filter(cause => cause.message === message).map(cause => `\n- ${cause.field}`)
      return `${message.replace('conflict', 'conflicts')}:${fields.join('')}`
    })
    .join('\n')
}

function decodeManagers(entries: readonly ManagedFieldsEntry[]): FieldManager[] {
  return entries.map(entry => ({
    name: entry.manager,
    operation: entry.operation,
    fields: decodeFields(entry.fieldsV1),
    time: entry.time
  }))
}

/** Drops managers without fields. Sorts by operation (Apply first), time and name, as the API server does. */
function encodeManagers(managers: readonly FieldManager[], apiVersion: string): ManagedFieldsEntry[] {
  return managers
    .filter(({ fields }) => fields.size > 0)
    .sort(
      (a, b) => a.operation.localeCompare(b.operation) || a.time.localeCompare(b.time) || a.name.localeCompare(b.name)
    )
    .map(({ name, operation, time, fields }) => ({
      manager: name,
      operation,
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFields(fields)
    }))
}

/**
 * Returns the `managedFields` that a client sent, or undefined if they are missing, empty or malformed. A write can
 * change ownership: kubectl does so when it migrates an object to server-side apply.
 */
export function readManagedFields(object: JsonObject): ManagedFieldsEntry[] | undefined {
  const sent = isJsonObject(object.metadata) ? object.metadata.managedFields : undefined
  if (!Array.isArray(sent) || sent.length === 0) return undefined
  const entries = sent.filter(isEntry)
  return entries.length === sent.length ? entries : undefined
}

function isEntry(value: Json): value is ManagedFieldsEntry {
  return (
    isJsonObject(value) &&
    typeof value.manager === 'string' &&
    (value.operation === 'Apply' || value.operation === 'Update') &&
    typeof value.time === 'string' &&
    isJsonObject(value.fieldsV1)
  )
}
