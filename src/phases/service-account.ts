import { allInOrder } from '../async.js'
import type { KubernetesClient, ServiceAccount, ServiceAccountKey } from '../clients/kubernetes/client.js'
import { managedByLabel } from '../domain/marks.js'
import { AzwiError } from '../errors.js'
import {
  annotation,
  issuerAnnotation,
  managedIdentityAnnotation,
  serviceAccountAnnotations
} from '../domain/annotations.js'
import type { Settings } from '../config/settings.js'
import { identifyingServices } from '../identities/application.js'
import type { Context, Service } from '../context.js'
import type { Identity } from '../identities/identity.js'
import { identityKind, namesIdentity } from '../identities/choice.js'
import { connectedAccount } from '../ownership/connection.js'
import { decideDeletion } from '../ownership/deletion.js'
import { checkReconnection } from '../ownership/reconnection.js'
import { type Action, type Change, type ConnectionPhase, type FieldChange, type ObjectKind } from '../engine/phase.js'
import {
  bearsOurLabel,
  needsForce,
  otherManagers,
  otherOwnersOf,
  removableFrom,
  removableLabels,
  whyAccountStays
} from '../ownership/service-account.js'

const namespaceKind: ObjectKind = {
  noun: 'namespace',
  resultField: 'namespace',
  reference: ({ name }) => `namespace/${name ?? ''}`
}

const serviceAccountKind: ObjectKind = {
  noun: 'Kubernetes service account',
  resultField: 'serviceAccount',
  part: 'service-account',
  reference: ({ namespace, name }) => `serviceaccount/${namespace ?? ''}/${name ?? ''}`
}

/** Creates the Kubernetes service account, or changes its annotations and labels. */
export const serviceAccount: ConnectionPhase = {
  name: 'service-account',
  alias: 'sa',
  summary: 'the Kubernetes service account and its annotations',
  objects: [namespaceKind, serviceAccountKind],
  part: 'service-account',
  deleted: 'last',
  worksWithoutIdentity: (_settings, verb) => verb === 'delete',
  options: {
    create: [
      'serviceAccountName',
      'serviceAccountNamespace',
      'serviceAccountTokenExpiration',
      'labels',
      'createNamespace'
    ],
    delete: ['serviceAccountName', 'serviceAccountNamespace']
  },
  services: (settings, verb) => ['kubernetes', ...(verb === 'create' ? clientIdServices(settings) : [])],
  validate: settings => {
    settings.require('serviceAccountName')
    return undefined
  },

  create: async (context, findIdentity) => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const [{ existing, newNamespace }, known] = await allInOrder([lookUp(context, key), findIdentity()])
    const labels = {
      ...earlierLabels(context, existing),
      ...context.settings.get('labels'),
      ...(existing === undefined || bearsOurLabel(existing) ? managedByLabel : {})
    }
    const wanted = known && (await annotationsFor(context, known, existing))
    if (existing !== undefined) await checkReconnection(context, existing, wanted)
    const action: Action = existing === undefined ? 'create' : carries(existing, wanted, labels) ? 'keep' : 'update'
    const change = (done: Action, annotations: Pairs | undefined): Change => ({
      kind: serviceAccountKind,
      action: done,
      fields: { ...key },
      differences:
        done === 'update'
          ? metadataDifferences(
              existing,
              annotations ?? { [annotation.clientId]: '(that of the new identity)' },
              labels
            )
          : []
    })
    const namespaceChange = (done: Action): Change => ({
      kind: namespaceKind,
      action: done,
      fields: { name: key.namespace }
    })
    return {
      changes: [...(newNamespace ? [namespaceChange('create')] : []), change(action, wanted)],
      apply: async (emit, identity) => {
        if (newNamespace) emit(namespaceChange((await kubernetes.createNamespace(key.namespace)) ? 'create' : 'keep'))
        const annotations = wanted ?? (await annotationsFor(context, identity, existing))
        if (action !== 'keep') {
          const changed = metadataDifferences(existing, annotations, labels).map(({ field }) => field)
          await kubernetes.applyServiceAccount(
            key,
            { annotations: defined(annotations), labels: defined(labels) },
            existing !== undefined && needsForce(existing, changed)
          )
        }
        emit(change(action, annotations))
      }
    }
  },

  delete: async context => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const read = () => kubernetes.serviceAccount(key)
    const [first, isConnectedElsewhere] = await Promise.all([connectedAccount(context), namesOtherIdentity(context)])
    const decide = (account: ServiceAccount | undefined): Disposal =>
      isConnectedElsewhere ? retained(account, key) : disposal(account, key)
    return {
      changes: [decide(first).change],
      apply: async emit => {
        for (let account = first; ; account = await read()) {
          try {
            emit(await carryOut(decide(account), kubernetes, key))
            return
          } catch (error) {
            // Somebody changed the service account after it was read, or our own write succeeded and its answer was lost. Read it again and decide again.
            if (!(error instanceof AzwiError) || error.code !== 'Conflict') throw error
            await context.retryBudget.wait(conflictPause, 'the service account was changed meanwhile')
          }
        }
      }
    }
  }
}

/** Milliseconds. */
const conflictPause = 500

/** Reports whether the flags name an identity that an earlier connection left behind, while the service account names another one. */
async function namesOtherIdentity(context: Context): Promise<boolean> {
  if (!namesIdentity(context.settings) || (context.deletedParts?.size ?? 0) <= 1) return false
  const [account, { identity }] = await Promise.all([connectedAccount(context), decideDeletion(context)])
  const annotated = account?.metadata?.annotations?.[annotation.clientId]
  if (identity === undefined || annotated === undefined) return false
  return annotated.trim().toLowerCase() !== (await identity.clientId()).toLowerCase()
}

/** What delete does with a service account, decided from what was read. */
interface Disposal {
  readonly existing: ServiceAccount | undefined
  readonly change: Change
}

const accountChange = (key: ServiceAccountKey, action: Action, reason?: string): Change => ({
  kind: serviceAccountKind,
  action,
  fields: { ...key },
  ...(reason === undefined ? {} : { reason })
})

function retained(existing: ServiceAccount | undefined, key: ServiceAccountKey): Disposal {
  return { existing, change: accountChange(key, 'retain', 'it is connected to another identity') }
}

function disposal(existing: ServiceAccount | undefined, key: ServiceAccountKey): Disposal {
  if (existing === undefined) return { existing, change: accountChange(key, 'absent') }
  const kept = whyAccountStays(existing)
  if (kept === undefined) return { existing, change: accountChange(key, 'delete') }
  const { annotations, labels } = removableFrom(existing)
  const change = accountChange(key, annotations.length + labels.length > 0 ? 'strip' : 'keep', kept)
  const owners = otherManagers(existing).filter(manager => manager.annotations.includes(annotation.clientId))
  const additions = owners.map(
    ({ name }) => `the field manager ${name} owns the client ID: remove it from the manifest`
  )
  return { existing, change: { ...change, additions } }
}

async function carryOut(
  { existing, change }: Disposal,
  kubernetes: KubernetesClient,
  key: ServiceAccountKey
): Promise<Change> {
  if (existing === undefined) return change
  if (change.action === 'delete' && !(await kubernetes.deleteServiceAccount(existing, key)))
    return { ...change, action: 'absent' }
  if (change.action === 'strip') {
    const { annotations, labels } = removableFrom(existing)
    await kubernetes.stripServiceAccount(existing, key, annotations, labels)
  }
  return change
}

/** Returns the services that know the client ID, if the flags do not name it. */
function clientIdServices(settings: Settings): readonly Service[] {
  if (identityKind(settings) === 'managed-identity') return ['arm']
  return settings.given('aadApplicationClientId') ? [] : ['graph', ...identifyingServices(settings)]
}

const keyOf = ({ settings }: Context) => ({
  namespace: settings.require('serviceAccountNamespace'),
  name: settings.require('serviceAccountName')
})

/** Looks up the service account and, if it does not exist, its namespace. */
async function lookUp(
  context: Context,
  key: ServiceAccountKey
): Promise<{ existing: ServiceAccount | undefined; newNamespace: boolean }> {
  const existing = await (await context.kubernetes()).serviceAccount(key)
  return { existing, newNamespace: existing === undefined && (await namespaceIsMissing(context, key.namespace)) }
}

/** Reports whether the namespace must be created first. Throws if it does not exist and `--create-namespace` is not given; nothing is written yet. */
async function namespaceIsMissing({ settings, kubernetes }: Context, namespace: string): Promise<boolean> {
  if ((await (await kubernetes()).hasNamespace(namespace)) !== false) return false
  if (settings.given('createNamespace')) return true
  throw new AzwiError('NamespaceNotFound', `there is no namespace "${namespace}" in the cluster`, {
    hint: `add --create-namespace, or make it: kubectl create namespace ${namespace}`
  })
}

async function annotationsFor(
  context: Context,
  identity: Identity,
  existing: ServiceAccount | undefined
): Promise<Pairs> {
  const [clientId, resourceId] = await Promise.all([identity.clientId(), identity.resourceId?.()])
  // The phase by itself might not know the tenant, because it does not call Azure. Then the annotation stays as it is.
  const tenantId = (await context.knownTenantId()) ?? existing?.metadata?.annotations?.[annotation.tenantId]
  const tokenExpirationSeconds = context.settings.require('serviceAccountTokenExpiration')
  const issuer =
    context.isDeclarative === true
      ? context.settings.get('serviceAccountIssuerUrl')
      : existing?.metadata?.annotations?.[issuerAnnotation]
  const wanted = serviceAccountAnnotations({ clientId, tokenExpirationSeconds, tenantId })
  const isTheirs =
    existing !== undefined &&
    !context.settings.given('serviceAccountTokenExpiration') &&
    otherOwnersOf(existing, annotation.tokenExpiration).length > 0
  const theirs = isTheirs ? existing.metadata?.annotations?.[annotation.tokenExpiration] : undefined
  return {
    ...wanted,
    ...(theirs === undefined ? {} : { [annotation.tokenExpiration]: theirs }),
    [issuerAnnotation]: issuer,
    [managedIdentityAnnotation]: resourceId
  }
}

/** Returns the labels of earlier runs. They stay, unless this run names all labels: then each is undefined, which removes it. */
function earlierLabels({ isDeclarative = false }: Context, existing: ServiceAccount | undefined): Pairs {
  const labels = existing === undefined ? {} : removableLabels(existing)
  return isDeclarative ? Object.fromEntries(Object.keys(labels).map(key => [key, undefined])) : labels
}

type Pairs = Readonly<Record<string, string | undefined>>

const defined = (pairs: Pairs): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).filter((entry): entry is [string, string] => entry[1] !== undefined))

function metadataDifferences(
  existing: ServiceAccount | undefined,
  annotations: Pairs = {},
  labels: Pairs = {}
): FieldChange[] {
  const compare = (wanted: Pairs, found: Pairs = {}): FieldChange[] =>
    Object.entries(wanted)
      .filter(([key, value]) => found[key] !== value)
      .map(([field, to]) => ({ field, from: found[field], to }))
  return [...compare(annotations, existing?.metadata?.annotations), ...compare(labels, existing?.metadata?.labels)]
}

function carries(existing: ServiceAccount, annotations: Pairs | undefined, labels: Pairs): boolean {
  return annotations !== undefined && metadataDifferences(existing, annotations, labels).length === 0
}
