import type { FederatedIdentityCredential } from '../identity/federated-credential.js'
import { parseServiceAccountSubject } from '../identity/subject.js'
import type { Context } from './context.js'

/**
 * The credentials for a person who must choose one to delete, a line each. Those of this cluster's issuer whose service account is no
 * longer there look dead; of other issuers nothing can be told from here.
 */
export async function listCredentials(
  context: Context,
  credentials: readonly FederatedIdentityCredential[],
  issuer: string
): Promise<string[]> {
  return Promise.all(
    credentials.map(
      async credential =>
        `${credential.name}  ${credential.subject}  ${credential.issuer}${(await looksDead(context, credential, issuer)) ? '  (looks dead: the cluster has no such service account)' : ''}`
    )
  )
}

async function looksDead(
  { kubernetes, bestEffort }: Context,
  credential: FederatedIdentityCredential,
  issuer: string
): Promise<boolean> {
  const account = credential.issuer === issuer ? parseServiceAccountSubject(credential.subject) : undefined
  if (account === undefined) return false
  // A cluster that cannot be asked soon tells nothing.
  return (await bestEffort(async () => (await (await kubernetes()).serviceAccount(account)) === undefined)) ?? false
}
