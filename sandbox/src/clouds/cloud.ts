import type { JsonObject } from '../json.js'

/** The services that have a fixed host name in each cloud. The cluster and its issuer do not. */
export type HostedService = 'entra' | 'graph' | 'arm'

/** An Azure cloud: its names and addresses. The sandbox never connects to these addresses. */
export interface Cloud {
  /** The name in the cloud's metadata document. */
  readonly name: string
  /** The host names of the real services. The first one is the published one, the others are aliases. */
  readonly hosts: Readonly<Record<HostedService, readonly string[]>>
  /** The beginning of the issuer in an access token of version 1.0. The tenant ID follows. */
  readonly tokenIssuer: string
  /** The audience that a federated token must have. */
  readonly audience: string
  /** The audiences of a token for Graph. The sandbox adds its own address when it listens. */
  readonly graphAudiences: string[]
  /** The audiences of a token for ARM. The sandbox adds its own address when it listens. */
  readonly armAudiences: string[]
  /** Other audiences that every tenant of the cloud has. Workloads request tokens for them. */
  readonly workloadAudiences: readonly string[]
  /**
   * The content of the metadata document, except the addresses of the sandbox: version 2019, and what version 2022
   * adds.
   */
  readonly published: {
    readonly since2019: PublishedEndpoints
    readonly since2022: JsonObject & { readonly suffixes: JsonObject }
  }
}

type PublishedEndpoints = JsonObject &
  Readonly<Record<'portal' | 'media' | 'graphAudience' | 'graph' | 'batch' | 'gallery', string>> & {
    readonly suffixes: JsonObject
  }

/** Returns each address twice: without and with a slash at the end. Clients use both. */
export function withAndWithoutSlash(...addresses: readonly string[]): string[] {
  return addresses.flatMap(address => [address, `${address}/`])
}

/** The application IDs of Graph and ARM. They are the same in every cloud, and are also valid audiences. */
export const applicationIds = {
  graph: '00000003-0000-0000-c000-000000000000',
  arm: '797f4846-ba00-4fd7-ba43-dac1f8f63013'
} as const
