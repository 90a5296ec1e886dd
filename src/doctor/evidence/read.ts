import { once } from '../../async.js'
import type { GraphClient } from '../../clients/graph/client.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import type { Connection } from '../../connections/model.js'
import { readConnections } from '../../connections/reading.js'
import { annotation } from '../../domain/annotations.js'
import { isGuid } from '../../domain/azure-ids.js'
import { serviceAccountSubject } from '../../domain/subject.js'
import type { Service } from '../../context.js'
import { readCluster } from './cluster.js'
import type { DoctorContext } from './context.js'
import { lookUpIfAllowed, lookUpIfPossible } from './lookup.js'
import type {
  ClusterEvidence,
  ExchangeEvidence,
  LookupResult,
  PrincipalEvidence,
  ServiceAccountEvidence,
  TokenClaims
} from './model.js'
import { readSelection, type SelectedAccount, type Target } from './target.js'
import { decodeToken } from './token.js'
import { createTrustingIdentityFinder, type TrustingIdentityFinder } from './trusting-identity.js'

export interface CollectedEvidence {
  readonly cluster: ClusterEvidence
  readonly accounts: readonly ServiceAccountEvidence[]
}

/**
 * Reads the evidence for all checks from `services`, and changes nothing. Evidence that the login has no permission to read holds the reason
 * instead. `resource` is the resource for which the proof requests an access token.
 *
 * @throws every other error of a lookup.
 */
export async function readEvidence(
  context: DoctorContext,
  services: ReadonlySet<Service>,
  deniedReads: DeniedReads,
  target: Target,
  resource: string | undefined
): Promise<CollectedEvidence> {
  const selection = once(() => readSelection(context, deniedReads, target))
  // Tokens carry the issuer that the API server names. AKS might name another one while it changes the cluster.
  const givenIssuer = context.settings.get('serviceAccountIssuerUrl')
  const doctorContext: DoctorContext = {
    ...context,
    issuer: once(async () => givenIssuer ?? context.publishedIssuer())
  }
  const [cluster, { connections, issuer }, { accounts, allNames, annotatedNames }] = await Promise.all([
    readCluster(doctorContext, services, deniedReads),
    readConnections(doctorContext, services, deniedReads, async () =>
      (await selection()).accounts.flatMap(({ account }) => account ?? [])
    ),
    selection()
  ])
  const connectionsByName = new Map(
    connections.map(connection => [`${connection.namespace}/${connection.name}`, connection])
  )
  const options: ReadOptions = {
    context: doctorContext,
    services,
    deniedReads,
    resource,
    allNames,
    issuer,
    annotatedNames,
    findTrustingIdentity: createTrustingIdentityFinder(doctorContext, services, deniedReads)
  }
  return {
    cluster,
    accounts: await Promise.all(
      accounts.map(account =>
        readServiceAccount(options, account, connectionsByName.get(`${account.namespace}/${account.name}`))
      )
    )
  }
}

/** The input that all service accounts share. */
interface ReadOptions {
  readonly context: DoctorContext
  readonly services: ReadonlySet<Service>
  readonly deniedReads: DeniedReads
  readonly resource: string | undefined
  readonly allNames: ReadonlySet<string> | undefined
  /** The issuer of the cluster. */
  readonly issuer: string | undefined
  readonly annotatedNames: readonly string[] | undefined
  readonly findTrustingIdentity: TrustingIdentityFinder
}

async function readServiceAccount(
  options: ReadOptions,
  selected: SelectedAccount,
  connection: Connection | undefined
): Promise<ServiceAccountEvidence> {
  const { context, services, deniedReads, allNames } = options
  const clientId = connection?.clientId ?? ''
  const readDirectory = <T>(
    name: string,
    isNeeded: boolean,
    lookUp: (graph: GraphClient) => Promise<T>
  ): Promise<T | undefined> =>
    isNeeded && isGuid(clientId) && services.has('graph')
      ? deniedReads.readIfAllowed(name, async () => lookUp(await context.graph()))
      : Promise.resolve(undefined)
  const lacksIdentity = connection?.identity === null || selected.account === null
  const [cloud, tenantId, proof, deletedApplication, deletedPrincipal, trustingIdentity] = await Promise.all([
    context.cloud(),
    context.knownTenantId(),
    readProof(options, selected, connection),
    readDirectory(
      'deleted applications',
      lacksIdentity,
      async graph => (await graph.applications.deletedByClientId(clientId)) ?? null
    ),
    readDirectory('deleted service principals', lacksIdentity || connection?.identity?.principalId === null, graph =>
      graph.servicePrincipals.deletedObjectId(clientId)
    ),
    lacksIdentity || connection?.credential === null
      ? options.findTrustingIdentity({
          ...selected,
          issuer: options.issuer,
          subject: serviceAccountSubject(selected.namespace, selected.name)
        })
      : undefined
  ])
  return {
    ...selected,
    connection,
    tenantId,
    audience: cloud.exchangeAudience,
    graph: cloud.graph,
    principal: principalOf(connection),
    deletedApplication,
    deletedPrincipal,
    trustingIdentity,
    ...proof,
    annotatedAccounts: options.annotatedNames,
    subjects:
      allNames &&
      new Set([...allNames].map(fullName => serviceAccountSubject(...(fullName.split('/') as [string, string])))),
    unread: deniedReads.unread
  }
}

function principalOf(connection: Connection | undefined): PrincipalEvidence | null | undefined {
  const { principalId, enabled } = connection?.identity ?? {}
  if (principalId === undefined || principalId === null) return principalId
  return enabled === undefined ? undefined : { objectId: principalId, enabled }
}

/** Requests a token as the kubelet does, and exchanges it as the pod does. Returns only the claims of the token, and Entra's answer. */
async function readProof(
  { context, deniedReads, resource }: ReadOptions,
  { namespace, name, account }: SelectedAccount,
  connection: Connection | undefined
): Promise<{ token: LookupResult<TokenClaims>; exchange: LookupResult<ExchangeEvidence> }> {
  const withoutToken = (reason: string) => ({ token: { unread: reason }, exchange: { unread: reason } })
  if (!account) return withoutToken('there is no service account to mint a token for')
  const { exchangeAudience } = await context.cloud()
  const minted = await lookUpIfAllowed(deniedReads, 'tokens of service accounts', async () =>
    (await context.kubernetes()).serviceAccountToken({ namespace, name }, exchangeAudience)
  )
  if (!('value' in minted)) return withoutToken(minted.unread)
  const token = { value: decodeToken(minted.value) }
  const clientId = connection?.clientId.trim() ?? ''
  if (!isGuid(clientId)) return { token, exchange: { unread: 'there is no client id to exchange a token for' } }
  const annotatedTenant = account.metadata?.annotations?.[annotation.tenantId]
  const tenantId =
    annotatedTenant !== undefined && isGuid(annotatedTenant) ? annotatedTenant : await context.knownTenantId()
  if (tenantId === undefined)
    return { token, exchange: { unread: 'it is not known which tenant to exchange a token in: give --tenant-id' } }
  const exchange = await lookUpIfPossible('the exchange at Entra', async (): Promise<ExchangeEvidence> => {
    const answer = await context.exchange(minted.value, clientId, { tenantId, resource })
    return answer.accepted
      ? { ...answer, expiresAt: Math.floor(answer.expiresAt / 1000) }
      : { accepted: false, code: answer.reason, text: answer.text }
  })
  return { token, exchange }
}
