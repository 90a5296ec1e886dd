import type { FederatedIdentityCredential } from '../clients/graph.js'
import { federatedIdentityCredentialName } from '../identity/credential-name.js'
import { serviceAccountSubject } from '../identity/subject.js'
import { identifyOptions } from './application-identity.js'
import type { Context } from './context.js'
import { definePhase, type Action, type Change } from './phase.js'

/** The federated identity credential: the identity's trust in the service account's tokens. */
export const federatedIdentity = definePhase<'identity'>({
  name: 'federated-identity',
  alias: 'fi',
  summary: 'the credential by which the identity trusts the service account',
  needs: ['identity'],
  provides: undefined,
  options: { create: identifyOptions, delete: identifyOptions },
  uses: settings => settings.given('serviceAccountIssuerUrl') ? ['graph'] : ['graph', 'kubernetes'],
  validate: settings => {
    settings.require('serviceAccountName')
    return undefined
  },

  create: async (context, facts) => {
    const [wanted, identity, graph] = await Promise.all([wantedCredential(context), facts.identity(), context.graph(), warnOfOtherIssuer(context)])
    const objectId = identity && await identity.objectId()
    const existing = objectId === undefined ? undefined : (await graph.credentials(objectId)).find(sameTrust(wanted))
    const action: Action = existing === undefined ? 'create' : sameAudiences(existing, wanted) ? 'keep' : 'update'
    return {
      changes: [credentialChange(action, wanted, objectId)],
      apply: async (emit, given) => {
        const owner = objectId ?? await given.identity.objectId()
        if (action !== 'keep') {
          await graph.upsertCredential(owner, { ...wanted, name: existing?.name ?? wanted.name })
        }
        emit(credentialChange(action, wanted, owner))
      }
    }
  },

  delete: async (context, facts) => {
    const [wanted, identity, graph] = await Promise.all([wantedCredential(context), facts.identity(), context.graph()])
    const objectId = identity && await identity.objectId()
    const existing = objectId === undefined ? undefined : (await graph.credentials(objectId)).find(sameTrust(wanted))
    if (objectId === undefined || existing === undefined) {
      const gone = credentialChange('absent', wanted, objectId)
      return { changes: [gone], apply: async emit => { emit(gone); return Promise.resolve() } }
    }
    return {
      changes: [credentialChange('delete', wanted, objectId)],
      apply: async emit => {
        const deleted = await graph.deleteCredential(objectId, existing.name)
        emit(credentialChange(deleted ? 'delete' : 'absent', wanted, objectId))
      }
    }
  }
})

async function wantedCredential({ settings, issuer, cloud }: Context): Promise<FederatedIdentityCredential> {
  const namespace = settings.require('serviceAccountNamespace')
  const serviceAccount = settings.require('serviceAccountName')
  const [issuerUrl, { exchangeAudience }] = await Promise.all([issuer(), cloud()])
  return {
    name: federatedIdentityCredentialName(namespace, serviceAccount, issuerUrl),
    issuer: issuerUrl,
    subject: serviceAccountSubject(namespace, serviceAccount),
    audiences: [exchangeAudience]
  }
}

/** Entra compares issuers byte for byte, and a wrong one is noticed only when a pod's token is refused. */
async function warnOfOtherIssuer({ settings, clusterIssuer, log }: Context): Promise<void> {
  const given = settings.get('serviceAccountIssuerUrl')
  if (given === undefined) return
  const published = await clusterIssuer()
  if (published === undefined || published === given) return
  log.warn('the issuer given is not the one that the cluster publishes: its tokens will be refused', { given, cluster: published })
}

type Trust = Pick<FederatedIdentityCredential, 'issuer' | 'subject'>

/** Entra compares both byte for byte; whatever the credential's name is, there can be only one such per identity. */
const sameTrust = (wanted: Trust) => (candidate: Trust): boolean => candidate.issuer === wanted.issuer && candidate.subject === wanted.subject

function sameAudiences(existing: FederatedIdentityCredential, wanted: FederatedIdentityCredential): boolean {
  return existing.audiences.length === wanted.audiences.length && existing.audiences.every((audience, index) => audience === wanted.audiences[index])
}

function credentialChange(action: Action, { issuer, subject }: Trust, objectId: string | undefined): Change {
  return { kind: 'credential', action, fields: { objectID: objectId, issuerURL: issuer, subject } }
}
