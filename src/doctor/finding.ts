/** The links of the chain from the cluster to the access token. A fault in one link affects the links after it. */
export const areas = [
  'aks',
  'issuer',
  'webhook',
  'service-account',
  'identity',
  'credential',
  'roles',
  'pod',
  'proof'
] as const
export type Area = (typeof areas)[number]

/** All checks, with the link of the chain that each one is about. The names are a contract: docs/output.md lists them. */
export const checks = {
  'aks-oidc-issuer': 'aks',
  'aks-workload-identity': 'aks',
  'issuer-https': 'issuer',
  'issuer-discovery': 'issuer',
  'issuer-keys': 'issuer',
  'issuer-algorithm': 'issuer',
  'issuer-rotation': 'issuer',
  'issuer-token': 'issuer',
  'webhook-present': 'webhook',
  'webhook-endpoints': 'webhook',
  'webhook-failure-policy': 'webhook',
  'webhook-namespace': 'webhook',
  'service-account': 'service-account',
  'client-id': 'service-account',
  'tenant-id': 'service-account',
  'token-expiration': 'service-account',
  identity: 'identity',
  principal: 'identity',
  'principal-enabled': 'identity',
  credential: 'credential',
  'credential-audience': 'credential',
  'credential-count': 'credential',
  roles: 'roles',
  'pod-service-account': 'pod',
  'pod-label': 'pod',
  'pod-age': 'pod',
  'pod-environment': 'pod',
  'pod-token-volume': 'pod',
  'pod-containers': 'pod',
  proof: 'proof'
} as const satisfies Readonly<Record<string, Area>>
export type CheckName = keyof typeof checks

export type Outcome = 'ok' | 'warn' | 'fail' | 'skipped'

/** The details of a finding, in addition to its message. */
export interface FindingDetails {
  /** The actual value, if the finding is about a value. */
  readonly found?: string | undefined
  /** The expected value. */
  readonly expected?: string | undefined
  /** Shell lines that together fix the fault, in this order. A value that only the reader knows is a placeholder in `<angle brackets>`. */
  readonly fix?: readonly string[]
  /** More lines for the reader, such as the difference of two values. */
  readonly details?: readonly string[]
}

/** The result of one check. */
export interface Finding extends FindingDetails {
  readonly check: CheckName
  readonly outcome: Outcome
  /** One sentence without a full stop. For a skipped check, the reason. */
  readonly message: string
  /** The object that was checked, as kubectl names it (`deployment/shop`, `pod/shop-1`), if the check runs for several. */
  readonly of?: string | undefined
}

export const ok = (check: CheckName, message: string, of?: string): Finding => ({ check, outcome: 'ok', message, of })
export const warn = (check: CheckName, message: string, details: FindingDetails = {}, of?: string): Finding => ({
  check,
  outcome: 'warn',
  message,
  of,
  ...details
})
export const fail = (check: CheckName, message: string, details: FindingDetails = {}, of?: string): Finding => ({
  check,
  outcome: 'fail',
  message,
  of,
  ...details
})
export const skipped = (check: CheckName, reason: string, of?: string): Finding => ({
  check,
  outcome: 'skipped',
  message: reason,
  of
})

/** The findings about one service account, or about the cluster. */
export interface Diagnosed {
  /** `<namespace>/<name>`. Undefined for the cluster. */
  readonly serviceAccount: string | undefined
  /** In the order of the chain. */
  readonly findings: readonly Finding[]
}

/** The findings about the cluster, and then about each service account. */
export interface Diagnosis {
  readonly diagnosed: readonly Diagnosed[]
}
