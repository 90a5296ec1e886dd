import { once } from '../async.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Settings } from '../config/settings.js'
import { annotation, setLabel } from '../domain/annotations.js'
import { managedIdentityId } from '../domain/azure-ids.js'
import { sameTrust, type Trust } from '../domain/credential.js'
import { applicationName, givenApplicationId } from '../identities/application.js'
import { identityKind } from '../identities/choice.js'
import { referenceOf } from '../identities/managed-identity.js'
import type { Context } from '../context.js'
import type { MemberResult } from './fleet.js'
import type { Event } from './flow.js'
import { runFlow } from './run.js'
import type { Phase } from './phase.js'
import { refuseAdditions } from './additions.js'

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
  const namesInFiles = once(
    async () =>
      new Set((await Promise.all(options.workloads.map(namesOfIdentity))).flat().map(name => name.toLowerCase()))
  )
  const queues = new Map<string, { readonly last: Promise<unknown>; readonly deleted: Trust[] }>()
  return Promise.all(
    leftOver.map(account => {
      const clientId = clientIdOf(account)
      const { last, deleted } = queues.get(clientId) ?? { last: Promise.resolve(), deleted: [] }
      const result = last.then(() => pruneAccount(account, deleted, namesInFiles, options))
      if (clientId !== '') queues.set(clientId, { last: result, deleted })
      return result
    })
  )
}

const clientIdOf = ({ metadata }: ServiceAccount): string =>
  metadata?.annotations?.[annotation.clientId]?.toLowerCase() ?? ''

const nameOf = ({ metadata }: ServiceAccount) => ({ namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' })
const keyOf = (account: ServiceAccount): string => `${nameOf(account).namespace}/${nameOf(account).name}`

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
  namesInFiles: () => Promise<ReadonlySet<string>>,
  { app, phases, dryRun, interruption, settingsFor }: PruneOptions
): Promise<MemberResult> {
  const { name, namespace } = nameOf(account)
  const settings = settingsFor({ serviceAccountName: name, serviceAccountNamespace: namespace })
  const context: Context = {
    ...app.contextFor(settings),
    isLeaving: trust => deleted.some(sameTrust(trust)),
    keepsIdentity: async identity => {
      const [names, clientId, identityName, owner] = await Promise.all([
        namesInFiles(),
        identity.clientId(),
        identity.name(),
        identity.credentials.owner()
      ])
      // A managed identity counts by its resource ID, because its name is not unique.
      const own = [clientId, ...Object.values(owner), ...(identity.kind === 'application' ? [identityName] : [])]
      return own.some(id => names.has(id.toLowerCase())) ? 'it is in the files' : undefined
    }
  }
  const events: Event[] = []
  const failures = await runFlow({ verb: 'delete', phases, dryRun, skip: [] }, context, {
    prepare: () => Promise.resolve(),
    confirm: changes => {
      if (!settings.given('force')) refuseAdditions(changes)
      return Promise.resolve()
    },
    emit: event => {
      events.push(event)
    },
    interruption
  }).then(
    result => result.failures,
    (error: unknown) => [error]
  )
  const changes = events.flatMap(event => (event.type === 'changed' || event.type === 'planned' ? [event.change] : []))
  deleted.push(...changes.flatMap(({ action, trust }) => (action === 'delete' && trust !== undefined ? [trust] : [])))
  return { member: { key: keyOf(account), context, sharedIdentity: undefined }, changes, skipped: [], failures }
}
