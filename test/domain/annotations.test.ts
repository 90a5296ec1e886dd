import { describe, expect, it } from 'vitest'
import { AzwiError } from '../../src/errors.js'
import { annotation, serviceAccountAnnotations, useLabel } from '../../src/domain/annotations.js'

const clientId = '33333333-3333-3333-3333-333333333333'
const tenantId = '44444444-4444-4444-4444-444444444444'

describe('serviceAccountAnnotations', () => {
  it('returns the annotations that the webhook reads', () => {
    expect(serviceAccountAnnotations({ clientId, tenantId, tokenExpirationSeconds: 5400 })).toEqual({
      'azure.workload.identity/client-id': clientId,
      'azure.workload.identity/tenant-id': tenantId,
      'azure.workload.identity/service-account-token-expiration': '5400'
    })
    expect(useLabel).toBe('azure.workload.identity/use')
  })

  it('leaves out undefined values', () => {
    expect(serviceAccountAnnotations({ clientId })).toEqual({ [annotation.clientId]: clientId })
    expect(serviceAccountAnnotations({ clientId, tenantId: undefined, tokenExpirationSeconds: undefined })).toEqual({
      [annotation.clientId]: clientId
    })
  })

  it('rounds the expiration to whole seconds', () => {
    expect(serviceAccountAnnotations({ clientId, tokenExpirationSeconds: 5400.4 })[annotation.tokenExpiration]).toBe(
      '5400'
    )
  })

  it.each([
    [{ clientId: '' }, 'EmptyClientId'],
    [{ clientId: ' ' }, 'EmptyClientId'],
    [{ clientId, tenantId: '' }, 'EmptyTenantId'],
    [{ clientId, tokenExpirationSeconds: 3599 }, 'TokenExpirationOutOfRange'],
    [{ clientId, tokenExpirationSeconds: 86_401 }, 'TokenExpirationOutOfRange'],
    [{ clientId, tokenExpirationSeconds: NaN }, 'TokenExpirationOutOfRange']
  ])('refuses %j', (identity, code) => {
    expect(() => serviceAccountAnnotations(identity)).toThrow(expect.objectContaining({ constructor: AzwiError, code }))
  })
})
