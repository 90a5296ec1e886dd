import type { KubernetesClient, ServiceAccount, ServiceAccountKey } from '../clients/kubernetes/client.js'
import { AzwiError } from '../errors.js'
import { annotation, issuerAnnotation, serviceAccountAnnotations } from '../domain/annotations.js'
import type { Settings } from '../config/settings.js'
import { identifyingServices } from '../identities/application.js'
import type { Context, Service } from '../engine/context.js'
import { identityKind } from '../identities/choice.js'
import { type Action, type Change, definePhase, type FieldChange } from '../engine/phase.js'
import {
  bearsOurLabel,
  belongsToOthers,
  madeByUs,
  managedByLabel,
  ourAnnotations,
  ourLabels,
  removableLabels
} from '../ownership/service-account.js'

/** The Kubernetes service account with its annotations. */
export const serviceAccount = definePhase<'identity'>({
  name: 'service-account',
  alias: 'sa',
  summary: 'the Kubernetes service account and its annotations',
  needs: ['identity'],
  standsAlone: (_settings, verb) => verb === 'delete',
  provides: undefined,
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
  uses: (settings, verb) => ['kubernetes', ...(verb === 'create' ? clientIdServices(settings) : [])],
  validate: settings => {
    settings.require('serviceAccountName')
    return undefined
  },

  create: async (context, facts) => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const [{ existing, newNamespace }, identity] = await Promise.all([lookUp(context, key), facts.identity()])
    const labels = {
      ...earlierLabels(context, existing),
      ...context.settings.get('labels'),
      ...(existing === undefined || bearsOurLabel(existing) ? managedByLabel : {})
    }
    const wanted = identity && (await annotationsFor(context, await identity.clientId(), existing))
    const action: Action = existing === undefined ? 'create' : carries(existing, wanted, labels) ? 'keep' : 'update'
    const change = (done: Action, annotations: Pairs | undefined): Change => ({
      kind: 'service-account',
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
      kind: 'namespace',
      action: done,
      fields: { name: key.namespace }
    })
    return {
      changes: [...(newNamespace ? [namespaceChange('create')] : []), change(action, wanted)],
      apply: async (emit, given) => {
        if (newNamespace) emit(namespaceChange((await kubernetes.createNamespace(key.namespace)) ? 'create' : 'keep'))
        const annotations = wanted ?? (await annotationsFor(context, await given.identity.clientId(), existing))
        if (action !== 'keep')
          await kubernetes.applyServiceAccount(key, { annotations: defined(annotations), labels: defined(labels) })
        emit(change(action, annotations))
      }
    }
  },

  delete: async context => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const first = disposal(await kubernetes.serviceAccount(key), key)
    return {
      changes: [first.change],
      apply: async emit => {
        for (let planned = first; ; planned = disposal(await kubernetes.serviceAccount(key), key)) {
          try {
            emit(await carryOut(planned, kubernetes, key))
            return
          } catch (error) {
            // Somebody changed it since it was read (or our own write came through and its answer was lost): look again, decide again.
            if (!(error instanceof AzwiError) || error.code !== 'Conflict') throw error
            await context.retryBudget.wait(conflictPause, 'the service account was changed meanwhile')
          }
        }
      }
    }
  }
})

const conflictPause = 500

/** What is to become of a service account in a delete, as it was found. */
interface Disposal {
  readonly existing: ServiceAccount | undefined
  readonly change: Change
}

function disposal(existing: ServiceAccount | undefined, key: ServiceAccountKey): Disposal {
  const change = (action: Action, reason?: string): Change => ({
    kind: 'service-account',
    action,
    fields: { ...key },
    ...(reason === undefined ? {} : { reason })
  })
  if (existing === undefined) return { existing, change: change('absent') }
  const kept = belongsToOthers(existing) ?? (madeByUs(existing) ? undefined : 'it was not made by azwi')
  if (kept === undefined) return { existing, change: change('delete') }
  const hasOurs = ourAnnotations(existing).length + ourLabels(existing).length > 0
  return { existing, change: change(hasOurs ? 'strip' : 'keep', kept) }
}

async function carryOut(
  { existing, change }: Disposal,
  kubernetes: KubernetesClient,
  key: ServiceAccountKey
): Promise<Change> {
  if (existing === undefined) return change
  if (change.action === 'delete' && !(await kubernetes.deleteServiceAccount(existing, key)))
    return { ...change, action: 'absent' }
  if (change.action === 'strip')
    await kubernetes.stripServiceAccount(existing, key, ourAnnotations(existing), ourLabels(existing))
  return change
}

/** Whom the client id is asked of, where the flags do not say it. */
function clientIdServices(settings: Settings): readonly Service[] {
  if (identityKind(settings) === 'managed-identity') return ['arm']
  return settings.given('aadApplicationClientId') ? [] : ['graph', ...identifyingServices(settings)]
}

const keyOf = ({ settings }: Context) => ({
  namespace: settings.require('serviceAccountNamespace'),
  name: settings.require('serviceAccountName')
})

/** The namespace is asked for without waiting for the identity: a link less in the chain of requests. */
async function lookUp(
  context: Context,
  key: ServiceAccountKey
): Promise<{ existing: ServiceAccount | undefined; newNamespace: boolean }> {
  const existing = await (await context.kubernetes()).serviceAccount(key)
  return { existing, newNamespace: existing === undefined && (await namespaceIsMissing(context, key.namespace)) }
}

/** Whether the namespace is to be made first. Throws where it is missing and that was not asked for: then nothing is written yet. */
async function namespaceIsMissing({ settings, kubernetes }: Context, namespace: string): Promise<boolean> {
  if ((await (await kubernetes()).hasNamespace(namespace)) !== false) return false
  if (settings.given('createNamespace')) return true
  throw new AzwiError('NamespaceNotFound', `there is no namespace "${namespace}" in the cluster`, {
    hint: `add --create-namespace, or make it: kubectl create namespace ${namespace}`
  })
}

async function annotationsFor(
  context: Context,
  clientId: string,
  existing: ServiceAccount | undefined
): Promise<Pairs> {
  // A phase alone may not know the tenant, since it asks Azure for nothing: then what is there stays.
  const tenantId = (await context.knownTenantId()) ?? existing?.metadata?.annotations?.[annotation.tenantId]
  const tokenExpirationSeconds = context.settings.require('serviceAccountTokenExpiration')
  const issuer =
    context.isDeclarative === true
      ? context.settings.get('serviceAccountIssuerUrl')
      : existing?.metadata?.annotations?.[issuerAnnotation]
  return { ...serviceAccountAnnotations({ clientId, tokenExpirationSeconds, tenantId }), [issuerAnnotation]: issuer }
}

/** What earlier runs were asked for: it stays, unless this one names all that there is to be; then it is undefined, which is not there. */
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
