import { once } from '../async.js'
import type { ManagedIdentity } from '../clients/arm/managed-identities.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Settings } from '../config/settings.js'
import { annotation, issuerAnnotation, setLabel } from '../domain/annotations.js'
import { managedIdentityId } from '../domain/azure-ids.js'
import { sameTrust, type Trust } from '../domain/credential.js'
import { applicationName, givenApplicationId } from '../identities/application.js'
import { identityKind } from '../identities/choice.js'
import { referenceOf } from '../identities/managed-identity.js'
import { isMarkedApplication } from '../domain/marks.js'
import type { Context } from '../context.js'
import type { MemberResult } from './fleet.js'
import type { Event } from './flow.js'
import { runFlow } from './run.js'
import { needsIdentity } from './plan.js'
import { type Change, type ObjectFields, type Phase, providesIdentity } from './phase.js'

export interface PruneOptions {
  readonly app: Context & { readonly contextFor: (settings: Settings) => Context }
  /** The service accounts of the files, as `namespace/name`. They stay. */
  readonly keep: ReadonlySet<string>
  /** A context for every workload of the files, selected or not. The identities that they name stay. */
  readonly workloads: readonly Context[]
  readonly isSelected: (account: { readonly namespace: string; readonly name: string }) => boolean
  readonly phases: readonly Phase[]
  readonly dryRun: boolean
  readonly interruption: AbortSignal
  readonly settingsFor: (flags: Readonly<Record<string, string>>) => Settings
}

/**
 * Deletes the service accounts that bear the label of one of these sets and are not in the files, by the delete flow. It deletes only what
 * is ours, and no identity that the files still name.
 *
 * Service accounts that share an identity are deleted one after the other: each keeps the identity as long as another one uses it, and
 * the last one deletes it. A failure of one does not stop the others.
 */
export async function pruneSets(sets: ReadonlySet<string>, options: PruneOptions): Promise<MemberResult[]> {
  const kubernetes = await options.app.kubernetes()
  const labelled = (await kubernetes.serviceAccounts()).filter(({ metadata }) =>
    sets.has(metadata?.labels?.[setLabel] ?? '')
  )
  const leftOver = labelled.filter(account => !options.keep.has(keyOf(account)) && options.isSelected(nameOf(account)))
  const lookUps: LookUps = {
    managedIdentities: once(async () =>
      (await options.app.managedIdentities()).identitiesIn(await options.app.subscriptionId())
    ),
    namesInFiles: once(
      async () =>
        new Set((await Promise.all(options.workloads.map(namesOfIdentity))).flat().map(name => name.toLowerCase()))
    )
  }
  const queues = new Map<string, { readonly last: Promise<unknown>; readonly deleted: Trust[] }>()
  return Promise.all(
    leftOver.map(account => {
      const clientId = clientIdOf(account)
      const { last, deleted } = queues.get(clientId) ?? { last: Promise.resolve(), deleted: [] }
      const result = last.then(() => pruneAccount(account, deleted, lookUps, options))
      if (clientId !== '') queues.set(clientId, { last: result, deleted })
      return result
    })
  )
}

const clientIdOf = ({ metadata }: ServiceAccount): string =>
  metadata?.annotations?.[annotation.clientId]?.toLowerCase() ?? ''

const nameOf = ({ metadata }: ServiceAccount) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })
const keyOf = (account: ServiceAccount): string => `${nameOf(account).namespace}/${nameOf(account).name}`

/** Look-ups that all service accounts share. */
interface LookUps {
  readonly managedIdentities: () => Promise<readonly ManagedIdentity[]>
  /** IDs and names, in lower case, of the identities in the files. */
  readonly namesInFiles: () => Promise<ReadonlySet<string>>
}

/** Returns the IDs and names by which a workload names its identity, without a look-up of the identity. */
async function namesOfIdentity(context: Context): Promise<readonly string[]> {
  const { settings } = context
  if (identityKind(settings) === 'managed-identity') return [managedIdentityId(await referenceOf(context))]
  if (!givenApplicationId(settings)) return [await applicationName(context)]
  return [settings.get('aadApplicationObjectId'), settings.get('aadApplicationClientId')].flatMap(id => id ?? [])
}

/** Adds the deleted credentials to `deleted`. Never rejects. */
async function pruneAccount(
  account: ServiceAccount,
  deleted: Trust[],
  lookUps: LookUps,
  options: PruneOptions
): Promise<MemberResult> {
  try {
    return await deleteAccount(account, deleted, await findIdentity(account, lookUps, options.app), options)
  } catch (error) {
    const member = { key: keyOf(account), context: options.app, sharedIdentity: undefined }
    return { member, changes: [], skipped: [], failures: [error] }
  }
}

async function deleteAccount(
  account: ServiceAccount,
  deleted: Trust[],
  identity: AccountIdentity,
  { app, phases, dryRun, interruption, settingsFor }: PruneOptions
): Promise<MemberResult> {
  const { name, namespace } = nameOf(account)
  const issuer = account.metadata?.annotations?.[issuerAnnotation]
  const settings = settingsFor({
    serviceAccountName: name,
    serviceAccountNamespace: namespace,
    ...(issuer === undefined ? {} : { serviceAccountIssuerUrl: issuer }),
    ...identity.flags
  })
  const context: Context = { ...app.contextFor(settings), isLeaving: trust => deleted.some(sameTrust(trust)) }
  const events: Event[] = []
  const skip = phases.filter(phase => identity.skips(phase, settings))
  const failures = await runFlow({ verb: 'delete', phases, dryRun, skip }, context, {
    prepare: () => Promise.resolve(),
    confirm: () => Promise.resolve(),
    emit: event => {
      events.push(event)
    },
    interruption
  }).then(
    result => result.failures,
    (error: unknown) => [error]
  )
  const changes = [
    ...(identity.kept?.(phases) ?? []),
    ...events.flatMap(event => (event.type === 'changed' || event.type === 'planned' ? [event.change] : []))
  ]
  deleted.push(...changes.flatMap(({ action, trust }) => (action === 'delete' && trust !== undefined ? [trust] : [])))
  return { member: { key: keyOf(account), context, sharedIdentity: undefined }, changes, skipped: [], failures }
}

/** What a service account says about its identity, for the delete flow. */
interface AccountIdentity {
  readonly flags: Readonly<Record<string, string>>
  readonly skips: (phase: Phase, settings: Settings) => boolean
  /** Reports the objects that stay because their phases are skipped. */
  readonly kept?: (phases: readonly Phase[]) => readonly Change[]
}

/** Without an identity, only the service account is deleted. */
const noIdentity: AccountIdentity = {
  flags: {},
  skips: (phase, settings) => providesIdentity(phase) || needsIdentity(phase, settings, 'delete')
}

async function findIdentity(
  account: ServiceAccount,
  { managedIdentities, namesInFiles }: LookUps,
  { graph }: Context
): Promise<AccountIdentity> {
  const clientId = clientIdOf(account)
  if (clientId === '') return noIdentity
  const managed = (await managedIdentities()).find(identity => identity.clientId.toLowerCase() === clientId)
  if (managed !== undefined) {
    const { id, name, principalId } = managed
    const flags = { managedIdentityResourceId: id }
    if (!(await namesInFiles()).has(id.toLowerCase())) return { flags, skips: () => false }
    const fields = { name, clientID: managed.clientId, principalID: principalId, managedIdentityID: id }
    return identityOfFiles('managed-identity', flags, fields)
  }
  const application = await (await graph()).applications.byClientId(clientId)
  if (application === undefined) return noIdentity
  const { displayName, objectId } = application
  const flags = { aadApplicationClientId: clientId }
  const names = await namesInFiles()
  if ([objectId, clientId, displayName].some(name => names.has(name.toLowerCase()))) {
    const fields = { clientID: application.clientId, name: displayName, objectID: objectId }
    return identityOfFiles('application', flags, fields)
  }
  const isOurs = isMarkedApplication(application, undefined)
  return { flags, skips: phase => !isOurs && providesIdentity(phase) }
}

/** The identity stays with its roles, because the files name it. Only the credential of the service account is deleted. */
function identityOfFiles(
  kind: NonNullable<Phase['provides']>,
  flags: AccountIdentity['flags'],
  fields: ObjectFields
): AccountIdentity {
  const belongsToIdentity = (phase: Phase): boolean => providesIdentity(phase) || phase.belongsToIdentity === true
  return {
    flags,
    skips: belongsToIdentity,
    kept: phases =>
      phases.filter(belongsToIdentity).flatMap((phase): Change[] => {
        const [object] = phase.objects
        if (object === undefined || (providesIdentity(phase) && phase.provides !== kind)) return []
        return providesIdentity(phase)
          ? [{ kind: object, action: 'retain', fields, reason: 'it is in the files' }]
          : [{ kind: object, action: 'retain', fields: {}, reason: 'the identity stays: it is in the files' }]
      })
  }
}
