import { annotation } from '../../identity/annotations.js'
import type { Case } from '../evidence.js'

/** What the webhook sets, and what Azure's SDKs read (azure-workload-identity, pkg/webhook/consts.go). */
export const variables = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST'
] as const
export type Variable = (typeof variables)[number]

/** The values that they should have, as far as they are known; the token file depends on the pod. */
export function expectedValues({ cluster, account }: Case): Partial<Record<Variable, string>> {
  const annotations = account.account?.metadata?.annotations ?? {}
  const clientId = annotations[annotation.clientId] ?? ''
  // Only where the identity was found there is it certain that this is the tenant to ask.
  const tenantId =
    annotations[annotation.tenantId] ?? (account.connection?.identity ? account.tenantId : undefined) ?? ''
  return {
    ...(clientId === '' ? {} : { AZURE_CLIENT_ID: clientId }),
    ...(tenantId === '' ? {} : { AZURE_TENANT_ID: tenantId }),
    ...(cluster.authorityHost === undefined ? {} : { AZURE_AUTHORITY_HOST: cluster.authorityHost })
  }
}

/** Ids are the same in any letter case, a URL with or without a slash at its end; a file is not. */
export function isSameValue(variable: Variable, one: string, other: string): boolean {
  if (variable === 'AZURE_FEDERATED_TOKEN_FILE') return one === other
  const plain = (text: string): string =>
    text.toLowerCase().replace(variable === 'AZURE_AUTHORITY_HOST' ? /\/+$/ : '', '')
  return plain(one) === plain(other)
}
