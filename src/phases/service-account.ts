import type { ServiceAccount } from '../clients/kubernetes.js'
import { annotation, serviceAccountAnnotations } from '../identity/annotations.js'
import type { Context } from './context.js'
import { definePhase, type Action, type Change } from './phase.js'
import { belongsToOthers, madeByUs, managedByLabel, ourAnnotations, ourLabels } from './service-account-ownership.js'

/** The Kubernetes service account with its annotations. */
export const serviceAccount = definePhase<'identity'>({
  name: 'service-account',
  alias: 'sa',
  summary: 'the Kubernetes service account and its annotations',
  needs: ['identity'],
  provides: undefined,
  options: {
    create: ['serviceAccountName', 'serviceAccountNamespace', 'serviceAccountTokenExpiration'],
    delete: ['serviceAccountName', 'serviceAccountNamespace']
  },
  uses: () => ['kubernetes'],
  validate: settings => {
    settings.require('serviceAccountName')
    return undefined
  },

  create: async (context, facts) => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const [existing, identity] = await Promise.all([kubernetes.serviceAccount(key), facts.identity()])
    const labels = existing === undefined || bearsOurLabel(existing) ? managedByLabel : {}
    const wanted = identity && await annotationsFor(context, await identity.clientId(), existing)
    const action: Action = existing === undefined ? 'create' : carries(existing, wanted) ? 'keep' : 'update'
    const change = (done: Action): Change => ({ kind: 'service-account', action: done, fields: { ...key } })
    return {
      changes: [change(action)],
      apply: async (emit, given) => {
        const annotations = wanted ?? await annotationsFor(context, await given.identity.clientId(), existing)
        if (action !== 'keep') await kubernetes.applyServiceAccount(key, { annotations, labels })
        emit(change(action))
      }
    }
  },

  delete: async context => {
    const key = keyOf(context)
    const kubernetes = await context.kubernetes()
    const existing = await kubernetes.serviceAccount(key)
    const change = (action: Action, reason?: string): Change =>
      ({ kind: 'service-account', action, fields: { ...key }, ...(reason === undefined ? {} : { reason }) })
    if (existing === undefined) {
      return { changes: [change('absent')], apply: async emit => { emit(change('absent')); return Promise.resolve() } }
    }
    const kept = belongsToOthers(existing) ?? (madeByUs(existing) ? undefined : 'it was not made by azwi')
    if (kept === undefined) {
      return {
        changes: [change('delete')],
        apply: async emit => { emit(change(await kubernetes.deleteServiceAccount(existing, key) ? 'delete' : 'absent')) }
      }
    }
    const annotations = ourAnnotations(existing)
    const labels = ourLabels(existing)
    const action = annotations.length + labels.length > 0 ? 'strip' : 'keep'
    return {
      changes: [change(action, kept)],
      apply: async emit => {
        if (action === 'strip') await kubernetes.stripServiceAccount(existing, key, annotations, labels)
        emit(change(action, kept))
      }
    }
  }
})

const keyOf = ({ settings }: Context) => ({ namespace: settings.require('serviceAccountNamespace'), name: settings.require('serviceAccountName') })

async function annotationsFor(context: Context, clientId: string, existing: ServiceAccount | undefined): Promise<Record<string, string>> {
  // A phase alone may not know the tenant, since it asks Azure for nothing: then what is there stays.
  const tenantId = await context.knownTenantId() ?? existing?.metadata?.annotations?.[annotation.tenantId]
  const tokenExpirationSeconds = context.settings.require('serviceAccountTokenExpiration')
  return serviceAccountAnnotations({ clientId, tokenExpirationSeconds, ...(tenantId === undefined ? {} : { tenantId }) })
}

function carries(existing: ServiceAccount, wanted: Readonly<Record<string, string>> | undefined): boolean {
  const annotations = existing.metadata?.annotations ?? {}
  return wanted !== undefined && Object.entries(wanted).every(([key, value]) => annotations[key] === value)
}

const bearsOurLabel = (existing: ServiceAccount): boolean => ourLabels(existing).length > 0
