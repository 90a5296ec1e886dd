import { annotation } from '../../domain/annotations.js'
import type { Evidence } from '../evidence/model.js'

/** The environment variables that the webhook sets and Azure's SDKs read (azure-workload-identity, pkg/webhook/consts.go). */
export const variables = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST'
] as const
export type Variable = (typeof variables)[number]

/** Returns the expected values, as far as the evidence has them. Leaves out the token file, because it depends on the pod. */
export function expectedValues({ cluster, account }: Evidence): Partial<Record<Variable, string>> {
  const annotations = account.account?.metadata?.annotations ?? {}
  const clientId = annotations[annotation.clientId] ?? ''
  // The tenant of the login is the right one only if it has the identity.
  const tenantId =
    annotations[annotation.tenantId] ?? (account.connection?.identity ? account.tenantId : undefined) ?? ''
  return {
    ...(clientId === '' ? {} : { AZURE_CLIENT_ID: clientId }),
    ...(tenantId === '' ? {} : { AZURE_TENANT_ID: tenantId }),
    ...(cluster.authorityHost === undefined ? {} : { AZURE_AUTHORITY_HOST: cluster.authorityHost })
  }
}

/** Reports whether two values of a variable mean the same. IDs ignore letter case, and a URL also ignores trailing slashes. A path must be equal. */
export function isSameValue(variable: Variable, one: string, other: string): boolean {
  if (variable === 'AZURE_FEDERATED_TOKEN_FILE') return one === other
  const normalize = (text: string): string =>
    text.toLowerCase().replace(variable === 'AZURE_AUTHORITY_HOST' ? /\/+$/ : '', '')
  return normalize(one) === normalize(other)
}
