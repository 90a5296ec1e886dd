import { type FederatedIdentityCredential, sameTrust } from '../domain/credential.js'
import { serviceAccountSubject } from '../domain/subject.js'
import type { Settings } from '../config/settings.js'
import type { Context, Service } from '../context.js'
import type { Identity } from '../identities/identity.js'
import { issuerServices } from '../identities/subject.js'

/**
 * Returns the credentials of other users of the identity: all except that of the service account that the flags name. If the flags name none,
 * a single credential counts as the service account's own.
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

/** Returns the services that `credentialsOfOthers` calls beside the service of the identity. */
export function sharingServices(settings: Settings): readonly Service[] {
  return settings.given('serviceAccountName') ? issuerServices(settings) : []
}

/** Says, for the log, who uses the identity. */
export function usedByOthers(others: readonly FederatedIdentityCredential[]): string {
  const named = others
    .slice(0, 3)
    .map(({ subject }) => subject)
    .join(', ')
  return `it is used by ${named}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`
}
