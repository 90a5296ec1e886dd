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
import { decideDeletion } from '../ownership/for-delete.js'
import { checkReconnection, replacesIdentity } from '../ownership/reconnection.js'
import { decideFields, type FieldDecision, type Values } from '../ownership/service-account-fields.js'
import { decideUntilWritten } from '../engine/conflict.js'
import { type Action, type Change, type ConnectionPhase, type ObjectKind } from '../engine/phase.js'
import {
  bearsOurLabel,
  clientIdOwners,
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
    const [{ existing, newNamespace }, known] = await allInOrder([lookUp(context, key.namespace), findIdentity()])
    const planned = await decideCreation(context, existing, known)
    const change = ({ action, fields: { differences } }: Creation): Change => ({
      kind: serviceAccountKind,
      action,
      fields: { ...key },
      differences: action === 'update' ? differences : []
    })
    const namespaceChange = (done: Action): Change => ({
      kind: namespaceKind,
      action: done,
      fields: { name: key.namespace }
    })
    return {
      changes: [...(newNamespace ? [namespaceChange('create')] : []), change(planned)],
      apply: async (emit, identity) => {
        if (newNamespace) emit(namespaceChange((await kubernetes.createNamespace(key.namespace)) ? 'create' : 'keep'))
        const applied = known === undefined ? await decideCreation(context, existing, identity) : planned
        const written = await decideUntilWritten(
          context,
          applied,
          async () => decideCreation(context, await kubernetes.serviceAccount(key), identity),
          async creation => {
            const { existing: account, action, fields } = creation
            if (action !== 'keep')
              await kubernetes.applyServiceAccount(key, fields, fields.needsForce ? account : undefined)
            return creation
          }
        )
        emit(change(written))
        if (existing === undefined || !replacesIdentity(existing, await identity.clientId())) return
        // A prune shows what is left, and deletes it.
        if (context.settings.given('prune')) return
        const { warnOfLeftovers } = await import('../ownership/previous-connection.js')
        await warnOfLeftovers(context, existing)
      }
    }
  },

  delete: async context => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const [first, isConnectedElsewhere] = await Promise.all([connectedAccount(context), namesOtherIdentity(context)])
    const decide = (account: ServiceAccount | undefined): Disposal =>
      isConnectedElsewhere ? retained(account, key) : disposal(account, key)
    return {
      changes: [decide(first).change],
      apply: async emit => {
        emit(
          await decideUntilWritten(
            context,
            decide(first),
            async () => decide(await kubernetes.serviceAccount(key)),
            disposal => carryOut(disposal, kubernetes, key)
          )
        )
      }
    }
  }
}

/** What create does with a service account, decided from what was read. */
interface Creation {
  readonly existing: ServiceAccount | undefined
  readonly action: Action
  readonly fields: FieldDecision
}

/** Decides what create writes. Throws an AzwiError if it must not change the service account. `identity` is undefined if it will be created. */
async function decideCreation(
  context: Context,
  existing: ServiceAccount | undefined,
  identity: Identity | undefined
): Promise<Creation> {
  const { settings } = context
  const labels = settings.get('labels') ?? {}
  const fields = decideFields(existing, {
    annotations: await annotationsFor(context, identity, existing),
    labels: {
      ...earlierLabels(context, existing),
      ...labels,
      ...(existing === undefined || bearsOurLabel(existing) ? managedByLabel : {})
    },
    given: new Set([
      ...Object.keys(labels),
      ...(settings.given('serviceAccountTokenExpiration') ? [annotation.tokenExpiration] : [])
    ])
  })
  if (existing === undefined) return { existing, action: 'create', fields }
  checkReconnection(context, existing, fields)
  return { existing, action: fields.differences.length === 0 ? 'keep' : 'update', fields }
}

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
  return { existing, change: { ...change, additions: clientIdOwners(existing) } }
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
  namespace: string
): Promise<{ existing: ServiceAccount | undefined; newNamespace: boolean }> {
  const existing = await connectedAccount(context)
  return { existing, newNamespace: existing === undefined && (await namespaceIsMissing(context, namespace)) }
}

/** Reports whether the namespace must be created first. Throws if it does not exist and `--create-namespace` is not given; nothing is written yet. */
async function namespaceIsMissing({ settings, kubernetes }: Context, namespace: string): Promise<boolean> {
  if ((await (await kubernetes()).hasNamespace(namespace)) !== false) return false
  if (settings.given('createNamespace')) return true
  throw new AzwiError('NamespaceNotFound', `there is no namespace "${namespace}" in the cluster`, {
    hint: `add --create-namespace, or make it: kubectl create namespace ${namespace}`
  })
}

/** Stands for the client ID of an identity that will be created, in a plan. */
const newClientId = '(that of the new identity)'

async function annotationsFor(
  context: Context,
  identity: Identity | undefined,
  existing: ServiceAccount | undefined
): Promise<Values> {
  const [clientId, resourceId] = await Promise.all([identity?.clientId() ?? newClientId, identity?.resourceId?.()])
  // The phase by itself might not know the tenant, because it does not call Azure. Then the annotation stays as it is.
  const tenantId = (await context.knownTenantId()) ?? existing?.metadata?.annotations?.[annotation.tenantId]
  const tokenExpirationSeconds = context.settings.require('serviceAccountTokenExpiration')
  const issuer =
    context.isDeclarative === true
      ? context.settings.get('serviceAccountIssuerUrl')
      : existing?.metadata?.annotations?.[issuerAnnotation]
  return {
    ...serviceAccountAnnotations({ clientId, tokenExpirationSeconds, tenantId }),
    [issuerAnnotation]: issuer,
    [managedIdentityAnnotation]: resourceId
  }
}

/** Returns the labels of earlier runs. They stay, unless this run names all labels: then each is undefined, which removes it. */
function earlierLabels({ isDeclarative = false }: Context, existing: ServiceAccount | undefined): Values {
  const labels = existing === undefined ? {} : removableLabels(existing)
  return isDeclarative ? Object.fromEntries(Object.keys(labels).map(key => [key, undefined])) : labels
}
