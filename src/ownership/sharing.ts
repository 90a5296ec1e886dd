import { type FederatedIdentityCredential, sameTrust } from '../domain/credential.js'
import { serviceAccountSubject } from '../domain/subject.js'
import type { Settings } from '../config/settings.js'
import type { Context, Service } from '../engine/context.js'
import type { Identity } from '../identities/identity.js'
import { issuerServices } from '../engine/issuer.js'

/**
 * The credentials by which others use an identity: all but that of the service account which the flow is about. Where the flags name no
 * service account, a single credential counts as its own.
 */
export async function credentialsOfOthers(
  { settings, issuer, isLeaving = () => false }: Context,
  { credentials }: Identity
): Promise<readonly FederatedIdentityCredential[]> {
  const name = settings.get('serviceAccountName')
  const listed = await credentials.list()
  if (listed.length === 0) return []
  if (name === undefined) return listed.length === 1 ? [] : listed
  const own = sameTrust({
    issuer: await issuer(),
    subject: serviceAccountSubject(settings.require('serviceAccountNamespace'), name)
  })
  return listed.filter(credential => !own(credential) && !isLeaving(credential))
}

/** Whom that is asked of, beside the identity's own service. */
export function sharingServices(settings: Settings): readonly Service[] {
  return settings.given('serviceAccountName') ? issuerServices(settings) : []
}

/** Says who they are, for the log. */
export function usedByOthers(others: readonly FederatedIdentityCredential[]): string {
  const named = others
    .slice(0, 3)
    .map(({ subject }) => subject)
    .join(', ')
  return `it is used by ${named}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`
}
