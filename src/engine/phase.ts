import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import type { Context, Service } from './context.js'
import type { Identity } from '../identities/identity.js'

/** What phases tell one another, by name. */
export interface Facts {
  readonly identity: Identity
}
export type FactName = keyof Facts

/**
 * The facts that a phase declared to need, and no others, as questions: a plan that does not need the answer yet goes on meanwhile.
 * Undefined is one that is still to be made; in the delete flow, one whose object is gone.
 */
export type Planned<Needs extends FactName> = { readonly [Name in Needs]: () => Promise<Facts[Name] | undefined> }
/** The same facts once they are there. */
export type Given<Needs extends FactName> = { readonly [Name in Needs]: Facts[Name] }

export type Kind =
  | 'application'
  | 'managed-identity'
  | 'service-principal'
  | 'namespace'
  | 'service-account'
  | 'credential'
  | 'role-assignment'
/**
 * `strip`: our marks are taken off an object that lives on. `absent`: there is nothing to delete. `purge`: what was deleted is
 * not kept for a while either.
 */
export type Action = 'create' | 'update' | 'keep' | 'delete' | 'purge' | 'strip' | 'absent'

/** One object that a plan names. */
export interface Change {
  readonly kind: Kind
  readonly action: Action
  /** For people and scripts: ids and names, under the names that the log has always used (`clientID`, `objectID`). */
  readonly fields: Readonly<Record<string, string | undefined>>
  /** Why, where the action does not speak for itself. */
  readonly reason?: string
  /** Of an update, field by field. */
  readonly differences?: readonly FieldChange[]
}

/** A field that is not as it should be; undefined is one that is not there. */
export interface FieldChange {
  readonly field: string
  readonly from: string | undefined
  readonly to: string | undefined
}

export type Emit = (change: Change) => void

/** What a phase means to do. Planning only reads; `apply` writes, and emits what has really been done. */
export interface Plan<Needs extends FactName, Provides extends FactName> {
  readonly changes: readonly Change[]
  /** What the phase provides, where it is there already. */
  readonly fact?: Facts[Provides]
  readonly apply: (emit: Emit, facts: Given<Needs>) => Outcome<Provides>
}

/** A phase that provides nothing has nothing to return. */
type Outcome<Provides extends FactName> = [Provides] extends [never] ? Promise<void> : Promise<Facts[Provides]>

/** In the delete flow nothing is provided, and a needed fact may be gone. */
export interface DeletePlan {
  readonly changes: readonly Change[]
  readonly apply: (emit: Emit) => Promise<void>
  /** Once the identity is gone: what another run has hung on it meanwhile. */
  readonly sweep?: (emit: Emit) => Promise<void>
}

/**
 * One step of a flow, as a value: order, parallelism, help, `phase <name>`, `--skip-phases` and the delete flow are derived from it.
 */
export interface Phase<Needs extends FactName = FactName, Provides extends FactName = FactName> {
  readonly name: string
  readonly alias: string
  /** Completes "create …" and "delete …" in the help. */
  readonly summary: string
  readonly needs: readonly Needs[]
  readonly provides: Provides | undefined
  /** Whether the phase has a part in a flow with these flags at all; absent, it always has. */
  readonly applies?: (settings: Settings) => boolean
  readonly options: Readonly<Record<Verb, readonly OptionName[]>>
  /** The services that the phase will talk to, given what the user said: only their logins are asked for. */
  readonly uses: (settings: Settings, verb: Verb) => readonly Service[]
  /** Whether the phase does without the facts that it otherwise needs: the flags say it all. */
  readonly standsAlone?: (settings: Settings, verb: Verb) => boolean
  /** Looks at the flags only. Throws a UsageError; a text says why there is nothing to do. */
  readonly validate: (settings: Settings, verb: Verb) => string | undefined
  /** What the phase provides, for flows in which it does not run: only read, never made. Absent on a phase that provides nothing. */
  readonly provide?: (context: Context) => Provider<Facts[Provides]>
  readonly create: (context: Context, facts: Planned<Needs>) => Promise<Plan<Needs, Provides>>
  readonly delete: (context: Context, facts: Planned<Needs>) => Promise<DeletePlan>
}

export interface Provider<Fact> {
  /** Trusts that the object is there; what the flags do not say is looked up when it is asked for, and an error then names the flag. */
  readonly refer: () => Fact
  /** Looks the object up; undefined where it is gone. */
  readonly find: () => Promise<Fact | undefined>
}

export type Verb = 'create' | 'delete'

/** Pins the types down: reading a fact that `needs` does not list does not compile. */
export function definePhase<Needs extends FactName = never, Provides extends FactName = never>(
  phase: Phase<Needs, Provides>
): Phase<Needs, Provides> {
  return phase
}

/** A phase whose facts are no longer told apart: what the runner handles. Methods, so that every phase fits. */
export interface AnyPhase extends Omit<Phase, 'provides' | 'needs' | 'provide' | 'create' | 'delete'> {
  readonly needs: readonly FactName[]
  readonly provides: FactName | undefined
  provide?(context: Context): Provider<Facts[FactName]>
  create(context: Context, facts: Planned<FactName>): Promise<AnyPlan>
  delete(context: Context, facts: Planned<FactName>): Promise<DeletePlan>
}

export interface AnyPlan {
  readonly changes: readonly Change[]
  readonly fact?: Facts[FactName]
  apply(emit: Emit, facts: Given<FactName>): Promise<unknown>
}

/** A plan that has nothing to write, only to tell. */
export function reportOnly(...changes: readonly Change[]): DeletePlan {
  return {
    changes,
    apply: (emit: Emit) => {
      changes.forEach(change => {
        emit(change)
      })
      return Promise.resolve()
    }
  }
}
