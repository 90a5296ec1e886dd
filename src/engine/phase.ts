import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import type { Trust } from '../domain/credential.js'
import type { Identity } from '../identities/identity.js'
import type { ConnectionPart, Context, Service } from '../context.js'

export type Verb = 'create' | 'delete'

/**
 * What happens to an object.
 *
 * - `keep`: the object is already as it should be.
 * - `strip`: the object stays, and azwi removes its own labels and annotations from it.
 * - `retain`: delete leaves the object as it is, because it is not ours or is still in use.
 * - `absent`: there is nothing to delete.
 * - `leftover`: azwi created the object, and the workload no longer needs it. `apply --prune` deletes it.
 * - `purge`: a deleted object is removed for good.
 */
export type Action = 'create' | 'update' | 'keep' | 'delete' | 'purge' | 'strip' | 'retain' | 'absent' | 'leftover'

/** IDs and names of an object, under the keys that the log uses (`clientID`, `objectID`). */
export type ObjectFields = Readonly<Record<string, string | undefined>>

/** A kind of object that a phase creates and deletes: how the log and the result name it. */
export interface ObjectKind {
  /** The words for people: "role assignment". */
  readonly noun: string
  /** The field of the JSON result that holds the object. docs/output.md lists the fields. */
  readonly resultField: string
  /** Whether one run can have several of these objects. The result then holds a list. */
  readonly isList?: boolean
  /** Names the object as `-o name` prints it: `roleassignment/<id>`. */
  readonly reference: (fields: ObjectFields) => string
  /** Keys of the result that differ from the usual ones, by their key in the log. */
  readonly resultKeys?: Readonly<Record<string, string>>
  /** The message for a finished action, if it differs from the usual one. Scripts look for the messages of the Go azwi. */
  readonly messages?: Readonly<Partial<Record<Action, string>>>
  /** The kind of identity that the object is, if it is one. */
  readonly identity?: Identity['kind']
  /** The part of a connection that the object is, if other code depends on it. */
  readonly part?: 'credential' | 'role-assignment' | 'service-account'
}

/** What happens, or happened, to one object. */
export interface Change {
  readonly kind: ObjectKind
  readonly action: Action
  readonly fields: ObjectFields
  /** Why, if the action does not explain itself. */
  readonly reason?: string
  /** For an update: the fields that differ. */
  readonly differences?: readonly FieldChange[]
  /** For a credential: the issuer and subject that it trusts. */
  readonly trust?: Trust
  /** In a delete: what people have added. It needs a confirmation, or `--force`. */
  readonly additions?: readonly string[]
}

/** A field that differs from what it should be. Undefined means that the field does not exist. */
export interface FieldChange {
  readonly field: string
  readonly from: string | undefined
  readonly to: string | undefined
}

export type Emit = (change: Change) => void

/** A plan to create or update. Planning only reads. `apply` writes, and emits what it really did. */
export interface CreatePlan {
  readonly changes: readonly Change[]
  readonly apply: (emit: Emit, identity: Identity) => Promise<void>
}

/** The plan of a phase that provides the identity. */
export interface IdentityPlan {
  readonly changes: readonly Change[]
  /** The identity, if it exists already. */
  readonly identity?: Identity
  /** Resolves to the identity that was found or created. */
  readonly apply: (emit: Emit) => Promise<Identity>
}

/** A plan to delete. */
export interface DeletePlan {
  readonly changes: readonly Change[]
  /** Writes. The credentials of an identity are deleted with it, so they need no request of their own. */
  readonly apply: (emit: Emit, isIdentityDeleted: boolean) => Promise<void>
  /** Runs after the identity is deleted. Deletes what another run attached to the identity in the meantime. */
  readonly sweep?: (emit: Emit) => Promise<void>
}

interface PhaseBase {
  readonly name: string
  readonly alias: string
  /** Completes "Create …" and "Delete …" in the help. */
  readonly summary: string
  /** The kinds of object that the phase creates and deletes, in the order of the result. */
  readonly objects: readonly ObjectKind[]
  readonly options: Readonly<Record<Verb, readonly OptionName[]>>
  /** Returns the services that the phase calls with these flags. azwi logs in to no other service. */
  readonly services: (settings: Settings, verb: Verb) => readonly Service[]
  /** Checks the flags. Throws a UsageError. Returns a reason if the flags leave the phase nothing to do. */
  readonly validate: (settings: Settings, verb: Verb) => string | undefined
}

/** A phase that provides the identity: an application or a managed identity. It takes part only if the flags ask for its kind. */
export interface IdentityPhase extends PhaseBase {
  readonly provides: Identity['kind']
  /** Returns the identity that the flags name, without a request. Used if create skips this phase. An error then names the flag. */
  readonly refer: (context: Context) => Identity
  readonly create: (context: Context) => Promise<IdentityPlan>
  readonly delete: (context: Context) => Promise<DeletePlan>
}

/**
 * Looks the identity up once, when a plan first asks. A plan that does not need the answer yet continues in the meantime.
 * Undefined: create will create it.
 */
export type FindIdentity = () => Promise<Identity | undefined>

/** A phase that connects a service account to the identity. */
export interface ConnectionPhase extends PhaseBase {
  readonly provides?: undefined
  /** Whether the objects belong to the identity, so that they stay as long as the identity stays. By default they belong to the connection. */
  readonly belongsToIdentity?: true
  /**
   * When delete runs the phase. Before the identity: what belongs to the identity. With it (the default): what is deleted together with it. Last:
   * what a later run needs to find the rest.
   */
  readonly deleted?: 'before the identity' | 'with the identity' | 'last'
  /** The part of the connection that the phase handles, if delete depends on it. */
  readonly part?: ConnectionPart
  /** Reports whether the phase works without the identity, given these flags. By default it needs the identity. */
  readonly worksWithoutIdentity?: (settings: Settings, verb: Verb) => boolean
  readonly create: (context: Context, findIdentity: FindIdentity) => Promise<CreatePlan>
  readonly delete: (context: Context) => Promise<DeletePlan>
}

/** One step of create and delete. Order, concurrency, help, `phase <name>`, `--skip-phases` and the result all follow from these values. */
export type Phase = IdentityPhase | ConnectionPhase

/** Reports whether the phase provides the identity. */
export function providesIdentity(phase: Phase): phase is IdentityPhase {
  return phase.provides !== undefined
}

/** Returns a plan that writes nothing and reports these changes. */
export function reportOnly(...changes: readonly Change[]): DeletePlan {
  return {
    changes,
    apply: emit => {
      changes.forEach(emit)
      return Promise.resolve()
    }
  }
}
