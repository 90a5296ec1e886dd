import type { ManagedFieldsEntry } from '../cluster.js'
import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import {
  decodeFields,
  difference,
  encodeFields,
  type FieldSet,
  intersection,
  parsePath,
  printPath,
  touches,
  union
} from './field-set.js'
import type { Schema } from './schema.js'
import { type StatusCause, StatusError } from '../status-error.js'
import { compare, fieldsOf, merge, without } from './structured-merge.js'

/** Fields that nobody owns: they are the server's, or part of the address (apimachinery, fieldmanager's stripMeta). */
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

/** The object as far as fields of it can be owned. */
export function ownable({ metadata, ...object }: JsonObject): JsonObject {
  const kept = isJsonObject(metadata)
    ? Object.entries(metadata).filter(([name]) => !unownedMetadata.includes(name))
    : []
  const rest = Object.entries(object).filter(([name]) => name !== 'apiVersion' && name !== 'kind')
  return { ...Object.fromEntries(rest), ...(kept.length === 0 ? {} : { metadata: Object.fromEntries(kept) }) }
}

/** What ownership needs to know of a kind. */
export interface Ownership {
  readonly schema: Schema
  /** Group and version, as the entries carry them. */
  readonly apiVersion: string
}

export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
}

interface Owner extends Manager {
  readonly fields: FieldSet
  readonly time: string
}

/**
 * The owners after a plain write (create, update, patch): the writer takes what it added or changed, everyone else loses that, and all lose what is
 * gone.
 */
export function ownersAfterUpdate(
  before: readonly ManagedFieldsEntry[],
  live: JsonObject,
  next: JsonObject,
  { schema, apiVersion }: Ownership,
  manager: string,
  time: string
): ManagedFieldsEntry[] {
  const { added, modified, removed } = compare(ownable(live), ownable(next), schema)
  const taken = union(added, modified)
  const owners = decode(before)
  const self = owners.find(owner => owner.name === manager && owner.operation === 'Update')
  const others = owners
    .filter(owner => owner !== self)
    .map(owner => ({ ...owner, fields: difference(owner.fields, union(taken, removed)) }))
  const fields = union(difference(self?.fields ?? new Set(), removed), taken)
  return encode(
    [...others, { name: manager, operation: 'Update', fields, time: taken.size > 0 ? time : (self?.time ?? time) }],
    apiVersion
  )
}

export interface Applied {
  /** The live object with what was applied laid over it, and without what the manager had applied before and now left out. */
  readonly content: JsonObject
  readonly managedFields: ManagedFieldsEntry[]
}

/** Server-side apply (kubernetes.io, Server-Side Apply). Throws a 409 with a cause for every field that another manager owns with another value. */
export function apply(
  before: readonly ManagedFieldsEntry[],
  live: JsonObject,
  applied: JsonObject,
  { schema, apiVersion }: Ownership,
  options: { readonly manager: string; readonly force: boolean; readonly time: string }
): Applied {
  const { manager, force, time } = options
  const owners = decode(before)
  const self = owners.find(owner => owner.name === manager && owner.operation === 'Apply')
  const others = owners.filter(owner => owner !== self)
  const fields = fieldsOf(ownable(applied), schema)
  let content = merge(ownable(live), ownable(applied), schema)
  for (const path of [...difference(self?.fields ?? new Set(), fields)].map(parsePath)) {
    if (!touches(fields, path) && !others.some(other => touches(other.fields, path)))
      content = without(content, schema, path)
  }
  const { added, modified, removed } = compare(ownable(live), content, schema)
  const taken = union(added, modified)
  const conflicts = others.flatMap(owner =>
    [...intersection(owner.fields, taken)].map(key => ({ owner, field: printPath(parsePath(key)) }))
  )
  if (conflicts.length > 0 && !force) throw conflictError(conflicts, apiVersion)
  const unchanged = self?.fields.size === fields.size && difference(fields, self.fields).size === 0
  return {
    content: isJsonObject(content) ? content : {},
    managedFields: encode(
      [
        { name: manager, operation: 'Apply', fields, time: unchanged ? self.time : time },
        ...others.map(other => ({ ...other, fields: difference(other.fields, union(taken, removed)) }))
      ],
      apiVersion
    )
  }
}

function conflictError(
  conflicts: readonly { readonly owner: Owner; readonly field: string }[],
  apiVersion: string
): StatusError {
  const describe = (owner: Owner) =>
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
      : `${causes.length} conflicts: ${byOwner(causes)}`
  return new StatusError(409, 'Conflict', `Apply failed with ${text}`, { causes })
}

function byOwner(causes: readonly StatusCause[]): string {
  const messages = [...new Set(causes.map(cause => cause.message))]
  return messages
    .map(message => {
      const fields = causes.filter(cause => cause.message === message).map(cause => `\n- ${cause.field}`)
      return `${message.replace('conflict', 'conflicts')}:${fields.join('')}`
    })
    .join('\n')
}

function decode(entries: readonly ManagedFieldsEntry[]): Owner[] {
  return entries.map(entry => ({
    name: entry.manager,
    operation: entry.operation,
    fields: decodeFields(entry.fieldsV1),
    time: entry.time
  }))
}

/** Owners of nothing are forgotten. Appliers come first, then by time and name, as the API server sorts them. */
function encode(owners: readonly Owner[], apiVersion: string): ManagedFieldsEntry[] {
  return owners
    .filter(owner => owner.fields.size > 0)
    .sort(
      (a, b) => a.operation.localeCompare(b.operation) || a.time.localeCompare(b.time) || a.name.localeCompare(b.name)
    )
    .map(owner => ({
      manager: owner.name,
      operation: owner.operation,
      apiVersion,
      time: owner.time,
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFields(owner.fields)
    }))
}

/** What a client sent as `managedFields`, where it is sound: a write may change ownership, as kubectl's does when it moves to server-side apply. */
export function sentManagedFields(object: JsonObject): ManagedFieldsEntry[] | undefined {
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
