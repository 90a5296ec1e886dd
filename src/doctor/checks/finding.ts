/** The links of the chain from the cluster to the access token, in the order in which a fault in one shows in those after it. */
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

/** Every check that there is, with the link that it is about. The names are a contract: docs/output.md lists them. */
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

/** What a check has to say beside its sentence. */
export interface FindingDetails {
  /** What is there, where it can be said as a value. */
  readonly found?: string | undefined
  /** What should be there. */
  readonly expected?: string | undefined
  /** Lines that can be pasted as they are, and mend it together, in this order. What only the reader can know stands in `<angle brackets>`. */
  readonly fix?: readonly string[]
  /** More for the reader, such as the diff of two values: a line each. */
  readonly details?: readonly string[]
}

/** What one check found out. */
export interface Finding extends FindingDetails {
  readonly check: CheckName
  readonly outcome: Outcome
  /** One sentence, without a full stop; of a skipped check, why. */
  readonly message: string
  /** What was looked at, as kubectl names it (`deployment/shop`, `pod/shop-1`), where the check is about one of several. */
  readonly of?: string | undefined
}

export const ok = (check: CheckName, message: string, of?: string): Finding => ({ check, outcome: 'ok', message, of })
export const warn = (check: CheckName, message: string, told: FindingDetails = {}, of?: string): Finding => ({
  check,
  outcome: 'warn',
  message,
  of,
  ...told
})
export const fail = (check: CheckName, message: string, told: FindingDetails = {}, of?: string): Finding => ({
  check,
  outcome: 'fail',
  message,
  of,
  ...told
})
export const skipped = (check: CheckName, why: string, of?: string): Finding => ({
  check,
  outcome: 'skipped',
  message: why,
  of
})

/** What was found out about one service account; without one, about the cluster. */
export interface Diagnosed {
  /** `<namespace>/<name>`; undefined for what holds for the whole cluster. */
  readonly serviceAccount: string | undefined
  /** In the order of the chain. */
  readonly findings: readonly Finding[]
}

/** The cluster first, then each service account. */
export interface Diagnosis {
  readonly diagnosed: readonly Diagnosed[]
}
