import { describe, expect, it } from 'vitest'
import type { ServiceAccount } from '../../src/clients/kubernetes/client.js'
import {
  bearsOurLabel,
  belongsToOthers,
  madeByUs,
  ourAnnotations,
  ourLabels,
  removableLabels
} from '../../src/ownership/service-account.js'

type Metadata = NonNullable<ServiceAccount['metadata']>
const managedBy = 'app.kubernetes.io/managed-by'
const useLabel = 'azure.workload.identity/use'

const account = (metadata: Metadata = {}, more: Omit<ServiceAccount, 'metadata'> = {}): ServiceAccount => ({
  metadata: { name: 'app', ...metadata },
  ...more
})
/** What the API server records about who wrote which labels. */
const wrote = (manager: string, operation: 'Apply' | 'Update', ...labels: readonly string[]) => ({
  manager,
  operation,
  fieldsV1: { 'f:metadata': { 'f:labels': Object.fromEntries(labels.map(label => [`f:${label}`, {}])) } }
})

describe('the label of azwi', () => {
  it('counts only with the value azwi', () => {
    expect(bearsOurLabel(account({ labels: { [managedBy]: 'azwi' } }))).toBe(true)
    expect(bearsOurLabel(account({ labels: { [managedBy]: 'helm' } }))).toBe(false)
    expect(bearsOurLabel(account({ labels: {} }))).toBe(false)
    expect(bearsOurLabel(account())).toBe(false)
    expect(bearsOurLabel({})).toBe(false)
  })
})

describe('a service account is ours', () => {
  it('if it bears the label', () => {
    expect(madeByUs(account({ labels: { [managedBy]: 'azwi' } }))).toBe(true)
  })

  it('if the Go azwi has written it', () => {
    expect(madeByUs(account({ managedFields: [wrote('kubectl', 'Update'), wrote('azwi', 'Update')] }))).toBe(true)
  })

  it('not if azwi has only applied to it, or others have written it', () => {
    expect(madeByUs(account({ managedFields: [wrote('azwi', 'Apply')] }))).toBe(false)
    expect(madeByUs(account({ managedFields: [wrote('kubectl', 'Update')] }))).toBe(false)
    expect(madeByUs(account())).toBe(false)
    expect(madeByUs({})).toBe(false)
  })
})

describe('the annotations of azwi', () => {
  it('are those of the webhook and the issuer', () => {
    const ours = [
      'azure.workload.identity/client-id',
      'azure.workload.identity/tenant-id',
      'azure.workload.identity/service-account-token-expiration',
      'azwi/issuer'
    ]
    const annotations = Object.fromEntries(
      [...ours, 'team', 'azure.workload.identity/other'].map(key => [key, 'value'])
    )
    expect(ourAnnotations(account({ annotations }))).toEqual(ours)
    expect(ourAnnotations(account())).toEqual([])
    expect(ourAnnotations({})).toEqual([])
  })
})

describe('the labels of azwi', () => {
  it('are the set, its own label, and what azwi has applied', () => {
    const labels = { 'azwi/set': 'shop', [managedBy]: 'azwi', tier: 'web', team: 'shop' }
    const managedFields = [wrote('azwi', 'Apply', 'tier', 'not-there'), wrote('kubectl', 'Apply', 'team')]
    expect(ourLabels(account({ labels, managedFields })).toSorted()).toEqual([managedBy, 'azwi/set', 'tier'])
  })

  it('do not include those that the Go azwi or another tool has written', () => {
    const labels = { tier: 'web', team: 'shop' }
    const managedFields = [wrote('azwi', 'Update', 'tier'), wrote('helm', 'Apply', 'team')]
    expect(ourLabels(account({ labels, managedFields }))).toEqual([])
  })

  it('include the label of the webhook if azwi or the Go azwi created the service account', () => {
    const labels = { [useLabel]: 'true' }
    expect(ourLabels(account({ labels, managedFields: [wrote('azwi', 'Update')] }))).toEqual([useLabel])
    expect(ourLabels(account({ labels: { ...labels, [managedBy]: 'azwi' } })).toSorted()).toEqual([managedBy, useLabel])
    expect(ourLabels(account({ labels }))).toEqual([])
  })

  it('do not include the label of another tool that manages the object', () => {
    expect(ourLabels(account({ labels: { [managedBy]: 'helm' } }))).toEqual([])
  })

  it('are none without labels or without records of who wrote them', () => {
    expect(ourLabels({})).toEqual([])
    for (const fieldsV1 of [undefined, {}, { 'f:metadata': {} }]) {
      const entry = { manager: 'azwi', operation: 'Apply' as const, ...(fieldsV1 && { fieldsV1 }) }
      expect(ourLabels(account({ labels: { team: 'shop' }, managedFields: [entry] }))).toEqual([])
    }
  })
})

describe('the labels that azwi can remove', () => {
  it('are those that azwi has applied and nobody else owns', () => {
    const labels = { tier: 'web', team: 'shop', zone: 'a', free: 'yes', 'f:odd': 'name' }
    const managedFields = [
      wrote('azwi', 'Apply', 'tier', 'team', 'zone', 'not-there', 'f:odd'),
      wrote('helm', 'Apply', 'team'),
      wrote('azwi', 'Update', 'zone')
    ]
    expect(removableLabels(account({ labels, managedFields }))).toStrictEqual({ tier: 'web', 'f:odd': 'name' })
  })

  it('are none without labels', () => {
    expect(removableLabels({})).toEqual({})
    expect(removableLabels(account({ managedFields: [wrote('azwi', 'Apply', 'tier')] }))).toEqual({})
  })
})

describe('what belongs to others', () => {
  it.each<[string, Metadata, Omit<ServiceAccount, 'metadata'>, string]>([
    ['a label', { labels: { team: 'shop', tier: 'web' } }, {}, 'labels team, tier'],
    ['an annotation', { annotations: { note: 'x', 'azwi/issuer': 'y' } }, {}, 'annotations note'],
    ['a pull secret', {}, { imagePullSecrets: [{ name: 'registry' }] }, 'imagePullSecrets registry'],
    ['a secret', {}, { secrets: [{ name: 'one' }, { name: 'app-token-x7k2p' }] }, 'secrets one'],
    [
      'an owner',
      { ownerReferences: [{ apiVersion: 'v1', kind: 'Release', name: 'shop', uid: '1' }] },
      {},
      'owners Release/shop'
    ],
    ['a finalizer', { finalizers: ['example.com/keep'] }, {}, 'finalizers example.com/keep'],
    ['a setting', {}, { automountServiceAccountToken: false }, 'settings automountServiceAccountToken']
  ])('is %s', (_, metadata, more, held) => {
    expect(belongsToOthers(account(metadata, more))).toBe(`it holds ${held} of others`)
  })

  it('is listed in full', () => {
    expect(belongsToOthers(account({ labels: { team: 'shop' }, finalizers: ['a', 'b'] }))).toBe(
      'it holds labels team; finalizers a, b of others'
    )
  })

  it('is nothing on a service account with only what azwi and Kubernetes put there', () => {
    const labels = { [managedBy]: 'azwi', [useLabel]: 'true', 'azwi/set': 'shop' }
    const generated = [{ name: 'app-token-x7k2p' }, { name: 'app-dockercfg-00abc' }]
    expect(
      belongsToOthers(
        account(
          { labels, annotations: { 'azure.workload.identity/client-id': 'x' } },
          { secrets: generated, imagePullSecrets: generated }
        )
      )
    ).toBeUndefined()
    expect(belongsToOthers(account())).toBeUndefined()
    expect(belongsToOthers({})).toBeUndefined()
  })

  it('is every service account with the name default', () => {
    expect(belongsToOthers(account({ name: 'default' }))).toBe('every namespace has a service account named default')
  })

  it.each([
    'other-token-x7k2p',
    'app-token-x7k2',
    'app-token-x7k2pp',
    'app-token-X7K2P',
    'app-my-token-x7k2p',
    'app-password-x7k2p',
    'app_token-x7k2p',
    'apptoken-x7k2p'
  ])('is the secret %s, which Kubernetes did not generate', name => {
    expect(belongsToOthers(account({}, { secrets: [{ name }] }))).toBe(`it holds secrets ${name} of others`)
  })

  it('is a reference without a name', () => {
    expect(belongsToOthers(account({}, { secrets: [{}] }))).toBe('it holds secrets  of others')
  })
})
