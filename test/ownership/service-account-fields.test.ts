import { describe, expect, it } from 'vitest'
import type { ServiceAccount } from '../../src/clients/kubernetes/client.js'
import { decideFields, type FieldDecision, type WantedFields } from '../../src/ownership/service-account-fields.js'

const clientId = 'azure.workload.identity/client-id'
const expiration = 'azure.workload.identity/service-account-token-expiration'
const hint = 'azwi/managed-identity'
const managedBy = { 'app.kubernetes.io/managed-by': 'azwi' }

/** A manager and its operation, such as `helm Apply`. */
type Owner = `${string} ${'Apply' | 'Update'}`

/** Returns a service account with one annotation, which these managers own. Undefined: the API server does not record managers. */
const annotated = (
  key: string,
  value: string,
  owners: readonly Owner[] | undefined,
  labels: Readonly<Record<string, string>> = {}
): ServiceAccount => ({
  metadata: {
    annotations: { [key]: value },
    labels,
    managedFields:
      owners?.map(owner => {
        const [manager = '', operation = ''] = owner.split(' ')
        return { manager, operation, fieldsV1: { 'f:metadata': { 'f:annotations': { [`f:${key}`]: {} } } } }
      }) ?? []
  }
})
const decide = (account: ServiceAccount | undefined, key: string, value: string | undefined, given = false) =>
  decideFields(account, { annotations: { [key]: value }, labels: {}, given: new Set(given ? [key] : []) })

const kept: FieldDecision = { annotations: {}, labels: {}, differences: [], needsForce: false, conflicts: [] }
const applied = (field: string, value: string): FieldDecision => ({ ...kept, annotations: { [field]: value } })
const changed = (field: string, from: string | undefined, to: string, needsForce = false): FieldDecision => ({
  ...applied(field, to),
  differences: [{ field, from, to }],
  needsForce
})
const conflict = (field: string, value: string, to: string, ...owners: readonly string[]): FieldDecision => ({
  ...changed(field, value, to, true),
  conflicts: [{ field, value, owners }]
})

describe('decideFields', () => {
  it.each<[string, ServiceAccount | undefined, string, FieldDecision]>([
    ['of a new service account', undefined, 'b', changed(clientId, undefined, 'b')],
    ['that does not exist', {}, 'b', changed(clientId, undefined, 'b')],
    ['of azwi', annotated(clientId, 'a', ['azwi Apply']), 'b', changed(clientId, 'a', 'b')],
    ['of the Go azwi', annotated(clientId, 'a', ['azwi-linux-amd64 Update']), 'b', changed(clientId, 'a', 'b', true)],
    ['of others', annotated(clientId, 'a', ['helm Apply']), 'b', conflict(clientId, 'a', 'b', 'helm')],
    [
      'of azwi and others',
      annotated(clientId, 'a', ['azwi Apply', 'helm Update']),
      'b',
      conflict(clientId, 'a', 'b', 'helm')
    ],
    ['without a known owner', annotated(clientId, 'a', []), 'b', conflict(clientId, 'a', 'b')],
    ['without records', annotated(clientId, 'a', undefined), 'b', conflict(clientId, 'a', 'b')],
    [
      'from before the first apply',
      annotated(clientId, 'a', ['before-first-apply Update']),
      'b',
      conflict(clientId, 'a', 'b')
    ],
    [
      'without records, with the label of azwi',
      annotated(clientId, 'a', undefined, managedBy),
      'b',
      changed(clientId, 'a', 'b', true)
    ],
    ['of others, empty', annotated(clientId, ' ', ['helm Apply']), 'b', changed(clientId, ' ', 'b', true)],
    ['of azwi, the same', annotated(clientId, 'b', ['azwi Apply']), 'b', applied(clientId, 'b')],
    [
      'of azwi and others, the same',
      annotated(clientId, 'b', ['azwi Apply', 'helm Apply']),
      'b',
      applied(clientId, 'b')
    ],
    ['of others, the same', annotated(clientId, 'b', ['helm Apply']), 'b', kept],
    ['of others, the same in another letter case', annotated(clientId, 'B', ['helm Apply']), 'b', kept],
    ['of azwi, the same in another letter case', annotated(clientId, 'B', ['azwi Apply']), 'b', applied(clientId, 'B')],
    ['without records, the same', annotated(clientId, 'b', undefined), 'b', applied(clientId, 'b')]
  ])('for a client ID %s', (_, account, value, decision) => {
    expect(decide(account, clientId, value)).toEqual(decision)
  })

  it.each<[string, readonly Owner[] | undefined, boolean, FieldDecision]>([
    ['of azwi', ['azwi Apply'], false, changed(expiration, '7200', '3600')],
    ['of others', ['helm Apply'], false, kept],
    ['of others, with its flag', ['helm Apply'], true, changed(expiration, '7200', '3600', true)],
    ['without records', undefined, false, kept],
    ['without records, with its flag', undefined, true, changed(expiration, '7200', '3600', true)]
  ])('for an expiration %s', (_, owners, given, decision) => {
    expect(decide(annotated(expiration, '7200', owners), expiration, '3600', given)).toEqual(decision)
  })

  it.each<[string, readonly Owner[] | undefined, Readonly<Record<string, string>>, string | undefined, FieldDecision]>([
    [
      'of azwi is removed',
      ['azwi Apply'],
      {},
      undefined,
      { ...kept, differences: [{ field: hint, from: 'a', to: undefined }] }
    ],
    [
      'of azwi is removed without records',
      undefined,
      managedBy,
      undefined,
      { ...kept, differences: [{ field: hint, from: 'a', to: undefined }] }
    ],
    ['without records stays', undefined, {}, undefined, kept],
    ['of others stays if none is wanted', ['velero Update'], {}, undefined, kept],
    ['of azwi and others stays if none is wanted', ['azwi Apply', 'velero Update'], {}, undefined, kept],
    ['of others is replaced', ['velero Update'], {}, 'b', changed(hint, 'a', 'b', true)]
  ])('a hint %s', (_, owners, labels, value, decision) => {
    expect(decide(annotated(hint, 'a', owners, labels), hint, value)).toEqual(decision)
  })

  it('treats labels like annotations, under their own owners', () => {
    const account: ServiceAccount = {
      metadata: {
        labels: { team: 'blue', tier: 'web', zone: 'a' },
        managedFields: [
          { manager: 'azwi', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:tier': {} } } } },
          {
            manager: 'helm',
            operation: 'Apply',
            fieldsV1: { 'f:metadata': { 'f:labels': { 'f:team': {}, 'f:zone': {} } } }
          }
        ]
      }
    }
    const wanted: WantedFields = {
      annotations: {},
      labels: { team: 'red', tier: 'web', zone: 'b', fresh: 'yes' },
      given: new Set(['team', 'fresh'])
    }
    expect(decideFields(account, wanted)).toEqual({
      annotations: {},
      labels: { team: 'red', tier: 'web', fresh: 'yes' },
      differences: [
        { field: 'team', from: 'blue', to: 'red' },
        { field: 'fresh', from: undefined, to: 'yes' }
      ],
      needsForce: true,
      conflicts: []
    })
  })
})
