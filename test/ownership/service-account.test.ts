import { describe, expect, it } from 'vitest'
import type { ServiceAccount } from '../../src/clients/kubernetes/client.js'
import {
  bearsOurLabel,
  belongsToOthers,
  hasManagers,
  madeByUs,
  otherManagers,
  ourAnnotations,
  ourLabels,
  ownersOf,
  removableFrom,
  removableLabels,
  whyAccountStays
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
  fieldsV1: { 'f:metadata': { 'f:labels': fieldsOf(labels) } }
})
/** What the API server records about who wrote which annotations. */
const annotated = (manager: string | undefined, ...annotations: readonly string[]) => ({
  ...(manager !== undefined && { manager }),
  operation: 'Update',
  fieldsV1: { 'f:metadata': { 'f:annotations': fieldsOf(annotations) } }
})
// The API server records a map itself, under the key ".", beside its fields.
const fieldsOf = (keys: readonly string[]): Record<string, object> =>
  Object.fromEntries(['.', ...keys.map(key => `f:${key}`)].map(key => [key, {}]))

const clientId = 'azure.workload.identity/client-id'
const tenantId = 'azure.workload.identity/tenant-id'
const pullSecret = 'openshift.io/internal-registry-pull-secret-ref'
const openshift = 'openshift.io/image-registry-pull-secrets_service-account-controller'
/** The records of controllers that add tokens and pull secrets to every service account. */
const tokenControllers = [
  { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:secrets': { '.': {} } } },
  {
    manager: 'openshift-controller-manager',
    operation: 'Update',
    fieldsV1: { 'f:imagePullSecrets': {}, 'f:secrets': {} }
  },
  { ...annotated(openshift, pullSecret), operation: 'Apply' }
]

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

  it.each(['azwi', 'azwi.exe', 'azwi-linux-amd64', 'azwi-darwin-arm64', 'azwi-windows-amd64'])(
    'if the Go azwi has written it as %s',
    manager => {
      expect(madeByUs(account({ managedFields: [wrote(manager, 'Update')] }))).toBe(true)
    }
  )

  it.each(['my-azwi', 'azwi2', 'azwi-operator', 'azwi.exe.old', 'azwi-linux-amd64-v2', 'azwi--', 'Azwi', ''])(
    'not if "%s" has written it',
    manager => {
      expect(madeByUs(account({ managedFields: [wrote(manager, 'Update')] }))).toBe(false)
    }
  )

  it('not if azwi has only applied to it, or others have written it', () => {
    expect(madeByUs(account({ managedFields: [wrote('azwi', 'Apply')] }))).toBe(false)
    expect(madeByUs(account({ managedFields: [wrote('kubectl', 'Update')] }))).toBe(false)
    expect(madeByUs(account())).toBe(false)
    expect(madeByUs({})).toBe(false)
  })
})

describe('the annotations of azwi', () => {
  it('are those of the webhook, the issuer and the managed identity', () => {
    const ours = [
      'azure.workload.identity/client-id',
      'azure.workload.identity/tenant-id',
      'azure.workload.identity/service-account-token-expiration',
      'azwi/issuer',
      'azwi/managed-identity'
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

describe('the other managers of a service account', () => {
  it('are all field managers but azwi, with what they own', () => {
    const managedFields = [
      wrote('azwi', 'Apply', 'tier'),
      wrote('azwi-linux-amd64', 'Update'),
      wrote('helm', 'Update', 'team', 'zone'),
      annotated('kubectl-edit', clientId, 'note'),
      { manager: 'patcher', operation: 'Update' }
    ]
    expect(otherManagers(account({ managedFields }))).toEqual([
      { name: 'helm', labels: ['team', 'zone'], annotations: [] },
      { name: 'kubectl-edit', labels: [], annotations: [clientId, 'note'] },
      { name: 'patcher', labels: [], annotations: [] }
    ])
  })

  it('have the name "unknown" if the API server does not record one', () => {
    expect(otherManagers(account({ managedFields: [annotated(undefined, 'note')] }))).toEqual([
      { name: 'unknown', labels: [], annotations: ['note'] }
    ])
  })

  it('do not include controllers that only add tokens and pull secrets', () => {
    expect(otherManagers(account({ managedFields: tokenControllers }))).toEqual([])
  })

  it.each([
    ['another name', { ...annotated('kubectl', pullSecret) }],
    ['a name that only begins like that of a controller', annotated('kube-controller-manager2', pullSecret)],
    ['a name that only ends like that of a controller', annotated('mycontroller', pullSecret)],
    ['another annotation', annotated(openshift, pullSecret, 'note')],
    ['an annotation of a like name', annotated(openshift, 'not-openshift.io/x')],
    ['a label', wrote('kube-controller-manager', 'Update', 'team')],
    [
      'a setting',
      {
        manager: 'kube-controller-manager',
        operation: 'Update',
        fieldsV1: { 'f:secrets': {}, 'f:automountServiceAccountToken': {} }
      }
    ],
    [
      'an owner',
      { manager: 'a-controller', operation: 'Update', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} } } }
    ]
  ])('include a controller with %s', (_, entry) => {
    expect(otherManagers(account({ managedFields: [entry] })).map(({ name }) => name)).toEqual([entry.manager])
  })

  it.each(['controller', 'my-controller', 'argocd-application-controller'])(
    'include %s, even if it only adds secrets',
    manager => {
      const entry = { ...tokenControllers[0]!, manager }
      expect(otherManagers(account({ managedFields: [entry] })).map(({ name }) => name)).toEqual([manager])
    }
  )

  it('are none without records', () => {
    for (const metadata of [{}, { managedFields: [] }]) {
      expect(otherManagers(account(metadata))).toEqual([])
      expect(hasManagers(account(metadata))).toBe(false)
    }
    expect(hasManagers({})).toBe(false)
    expect(hasManagers(account({ managedFields: [wrote('azwi', 'Apply')] }))).toBe(true)
  })
})

describe('the owners of a label or annotation', () => {
  const managedFields = [
    annotated('azwi-linux-amd64', clientId),
    annotated('helm', clientId),
    { ...annotated('helm', clientId, tenantId), operation: 'Apply' },
    annotated('argocd-controller', clientId),
    annotated(undefined, 'note'),
    annotated('before-first-apply', 'old'),
    wrote('azwi', 'Apply', 'tier', 'team'),
    wrote('flux', 'Apply', 'team'),
    wrote('azwi', 'Update', 'zone')
  ]

  it.each<[string, 'annotations' | 'labels', string, ReturnType<typeof ownersOf>]>([
    ['several', 'annotations', clientId, { isOurs: true, isOnlyApplied: false, others: ['helm', 'argocd-controller'] }],
    ['another manager', 'annotations', tenantId, { isOurs: false, isOnlyApplied: false, others: ['helm'] }],
    ['a manager without a name', 'annotations', 'note', { isOurs: false, isOnlyApplied: false, others: ['unknown'] }],
    ['nobody that the API server knows', 'annotations', 'old', { isOurs: false, isOnlyApplied: false, others: [] }],
    ['an apply of azwi', 'labels', 'tier', { isOurs: true, isOnlyApplied: true, others: [] }],
    ['azwi and another', 'labels', 'team', { isOurs: true, isOnlyApplied: false, others: ['flux'] }],
    ['an update of azwi', 'labels', 'zone', { isOurs: true, isOnlyApplied: false, others: [] }],
    ['nobody', 'labels', 'free', { isOurs: false, isOnlyApplied: false, others: [] }],
    [
      'nobody, for a label with the key of an annotation',
      'labels',
      clientId,
      { isOurs: false, isOnlyApplied: false, others: [] }
    ]
  ])('are %s', (_, section, key, owners) => {
    expect(ownersOf(account({ managedFields }), section, key)).toEqual(owners)
  })

  it('are none without records', () => {
    const nobody = { isOurs: false, isOnlyApplied: false, others: [] }
    expect(ownersOf(account(), 'labels', 'team')).toEqual(nobody)
    expect(ownersOf({}, 'annotations', clientId)).toEqual(nobody)
  })
})

describe('a service account stays', () => {
  const labels = { [managedBy]: 'azwi' }
  const ours = { ...wrote('azwi', 'Apply', managedBy) }

  it.each<[string, Metadata, string]>([
    [
      'if it holds something of others',
      { labels: { ...labels, team: 'shop' }, managedFields: [ours] },
      'it holds labels team of others'
    ],
    ['if azwi did not create it', { managedFields: [ours] }, 'it was not made by azwi'],
    ['if the API server does not record its managers', { labels }, 'the API server does not say who manages it'],
    [
      'if it has other managers',
      { labels, managedFields: [ours, wrote('helm', 'Apply'), annotated('helm'), wrote('flux', 'Apply')] },
      'it is also managed by helm, flux'
    ],
    [
      'if it has the name default',
      { labels, managedFields: [ours], name: 'default' },
      'every namespace has a service account named default'
    ]
  ])('%s', (_, metadata, reason) => {
    expect(whyAccountStays(account(metadata))).toBe(reason)
  })

  it('not if azwi created it and is its only manager, beside the controllers that add tokens', () => {
    expect(whyAccountStays(account({ labels, managedFields: [ours] }))).toBeUndefined()
    const annotations = { [pullSecret]: 'app-dockercfg-00abc', [clientId]: 'x' }
    const secrets = [{ name: 'app-token-x7k2p' }, { name: 'app-dockercfg-00abc' }]
    expect(
      whyAccountStays(
        account(
          { labels, annotations, managedFields: [ours, ...tokenControllers] },
          { secrets, imagePullSecrets: secrets.slice(1) }
        )
      )
    ).toBeUndefined()
  })
})

describe('what azwi removes from a service account that stays', () => {
  it('are its annotations and labels that nobody else owns', () => {
    const annotations = { [clientId]: 'x', [tenantId]: 'y', 'azwi/issuer': 'z', note: 'theirs' }
    const labels = { [managedBy]: 'azwi', tier: 'web', 'azwi/set': 'shop', team: 'theirs' }
    const managedFields = [
      wrote('azwi', 'Apply', managedBy, 'tier', 'azwi/set'),
      annotated('azwi', clientId, tenantId),
      annotated('argocd-controller', tenantId, managedBy),
      wrote('flux', 'Apply', 'tier', 'team', clientId)
    ]
    const removable = removableFrom(account({ annotations, labels, managedFields }))
    expect(removable.annotations).toEqual([clientId, 'azwi/issuer'])
    expect(removable.labels.toSorted()).toEqual([managedBy, 'azwi/set'])
  })

  it('are all its annotations without records', () => {
    expect(removableFrom(account({ annotations: { [clientId]: 'x', note: 'theirs' } }))).toEqual({
      annotations: [clientId],
      labels: []
    })
    expect(removableFrom({})).toEqual({ annotations: [], labels: [] })
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

  it('is not the pull secret that OpenShift names in its annotation, whatever the name is', () => {
    const generated = [{ name: 'a-shortened-name-0a1b2c3d-dockercfg-x7k2p' }]
    const annotations = { [pullSecret]: generated[0]!.name }
    const held = (managedFields: Metadata['managedFields'], ...more: readonly { name: string }[]) => {
      const list = [...generated, ...more]
      return belongsToOthers(
        account({ annotations, ...(managedFields && { managedFields }) }, { secrets: list, imagePullSecrets: list })
      )
    }
    expect(held(tokenControllers)).toBeUndefined()
    expect(held(tokenControllers, { name: 'mine' })).toBe('it holds imagePullSecrets mine; secrets mine of others')
    // Anyone can write the annotation. It says nothing then.
    for (const managedFields of [[annotated('kubectl', pullSecret)], [], undefined]) {
      const { name } = generated[0]!
      expect(held(managedFields)).toBe(
        `it holds annotations ${pullSecret}; imagePullSecrets ${name}; secrets ${name} of others`
      )
    }
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
