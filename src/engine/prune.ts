import { once } from '../async.js'
import type { ServiceAccount } from '../clients/kubernetes/client.js'
import type { Context, KeepableIdentity } from '../context.js'
import { annotation, setLabel } from '../domain/annotations.js'
import { managedIdentityId } from '../domain/azure-ids.js'
import { applicationName, givenApplicationId } from '../identities/application.js'
import { identityKind } from '../identities/choice.js'
import { referenceOf } from '../identities/managed-identity.js'
import { whyNotInSet } from '../ownership/service-account.js'
import type { Removal } from './removals.js'

/** The service accounts that bear the label of a set and are not in the files. */
export interface LeftOverAccounts {
  readonly removals: readonly Removal[]
  /** Those that stay, with the reason, because azwi did not put the label on them. */
  readonly kept: readonly { readonly key: string; readonly reason: string }[]
}

/** Returns the service accounts to prune: those with the label of one of the sets that are selected and not in the files. */
export function leftOverAccounts(
  accounts: readonly ServiceAccount[],
  sets: ReadonlySet<string>,
  isLeftOver: (account: { readonly namespace: string; readonly name: string }) => boolean
): LeftOverAccounts {
  const found = accounts
    .filter(({ metadata }) => sets.has(metadata?.labels?.[setLabel] ?? ''))
    .map(account => ({ account, ...keyOf(account), reason: whyNotInSet(account) }))
    .filter(isLeftOver)
  return {
    removals: found
      .filter(({ reason }) => reason === undefined)
      .map(({ account, namespace, name }) => ({
        key: `${namespace}/${name}`,
        identity: clientIdOf(account),
        flags: { serviceAccountName: name, serviceAccountNamespace: namespace },
        skip: []
      })),
    kept: found.flatMap(({ namespace, name, reason }) =>
      reason === undefined ? [] : [{ key: `${namespace}/${name}`, reason }]
    )
  }
}

/** Returns the annotated client ID in lower case, or undefined if there is none. */
export function clientIdOf({ metadata }: ServiceAccount): string | undefined {
  const clientId = metadata?.annotations?.[annotation.clientId]?.trim().toLowerCase()
  return clientId === '' ? undefined : clientId
}

/** Returns the namespace and the name of a service account. */
export function keyOf({ metadata }: ServiceAccount): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' }
}

/** Returns a function that says why the files keep an identity, if they do. `workloads` has a context for every workload of the files. */
export function keptByFiles(
  workloads: readonly Context[]
): (identity: KeepableIdentity) => Promise<string | undefined> {
  const namesInFiles = once(async () => new Set((await Promise.all(workloads.map(namesInFile))).flat()))
  return async identity => {
    const [known, names] = await Promise.all([namesInFiles(), namesOf(identity)])
    return names.some(name => known.has(name)) ? 'it is in the files' : undefined
  }
}

/** Reports whether a workload of the files names the identity. */
export async function isNamedBy(workload: Context, identity: KeepableIdentity): Promise<boolean> {
  const [known, names] = await Promise.all([namesInFile(workload), namesOf(identity)])
  return names.some(name => known.includes(name))
}

/** Returns what a file can call an identity, in lower case. A managed identity counts by its resource ID, because its name is not unique. */
async function namesOf(identity: KeepableIdentity): Promise<readonly string[]> {
  const [clientId, name, owner] = await Promise.all([
    identity.clientId(),
    identity.name(),
    identity.credentials.owner()
  ])
  const names = [clientId, ...Object.values(owner), ...(identity.kind === 'application' ? [name] : [])]
  return names.map(each => each.toLowerCase())
}

/** Returns the IDs and names by which a workload names its identity, in lower case, without a look-up of the identity. */
async function namesInFile(context: Context): Promise<readonly string[]> {
  const { settings } = context
  const ids = [settings.get('aadApplicationObjectId'), settings.get('aadApplicationClientId')].flatMap(id => id ?? [])
  const names =
    identityKind(settings) === 'managed-identity'
      ? [managedIdentityId(await referenceOf(context))]
      : givenApplicationId(settings)
        ? ids
        : [await applicationName(context)]
  return names.map(name => name.toLowerCase())
}
