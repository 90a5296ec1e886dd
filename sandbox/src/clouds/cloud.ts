import type { JsonObject } from '../json.js'

/** The services of a cloud that have host names of their own; the cluster and its issuer have none that is the same for everyone. */
export type HostedService = 'entra' | 'graph' | 'arm'

/** What distinguishes one cloud from another. The addresses are names and audiences only: nothing in the sandbox ever connects to them. */
export interface Cloud {
  /** As the cloud's metadata document names it. */
  readonly name: string
  /** The real host names, the one that is published first, aliases after it. */
  readonly hosts: Readonly<Record<HostedService, readonly string[]>>
  /** What an access token of version 1.0 says of its issuer, up to the tenant. */
  readonly tokenIssuer: string
  /** The audience that a federated assertion must carry. */
  readonly audience: string
  /** Resources that a token for Graph may be asked for; the sandbox's own address is added when it listens. */
  readonly graphAudiences: string[]
  readonly armAudiences: string[]
  /** Other resources that every tenant of the cloud knows: what a workload asks tokens for. */
  readonly workloadAudiences: readonly string[]
  /** What the metadata document says beside the addresses of the sandbox: its shape of 2019, and what that of 2022 has in addition. */
  readonly published: {
    readonly since2019: PublishedEndpoints
    readonly since2022: JsonObject & { readonly suffixes: JsonObject }
  }
}

type PublishedEndpoints = JsonObject &
  Readonly<Record<'portal' | 'media' | 'graphAudience' | 'graph' | 'batch' | 'gallery', string>> & {
    readonly suffixes: JsonObject
  }

/** The addresses as they are asked for: with a slash at the end and without. */
export function withAndWithoutSlash(...addresses: readonly string[]): string[] {
  return addresses.flatMap(address => [address, `${address}/`])
}

/** The application ids of Graph and ARM are the same in every cloud, and do for an audience. */
export const applicationIds = {
  graph: '00000003-0000-0000-c000-000000000000',
  arm: '797f4846-ba00-4fd7-ba43-dac1f8f63013'
} as const
