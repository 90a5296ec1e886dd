import type { GraphClient } from '../../clients/graph/client.js'
import { annotation } from '../../domain/annotations.js'
import { isGuid } from '../../domain/azure-ids.js'
import { serviceAccountSubject } from '../../domain/subject.js'
import type { Connection } from '../../connections/model.js'
import { readConnections } from '../../connections/reading.js'
import type { Service } from '../../context.js'
import { once } from '../../async.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import { likelyIdentities, type LikelyIdentity, type Orphan } from './likely-identity.js'
import type { DoctorContext } from './context.js'
import type {
  ClusterEvidence,
  ExchangeEvidence,
  Lookup,
  PrincipalEvidence,
  ServiceAccountEvidence,
  TokenClaims
} from './model.js'
import { readCluster } from './cluster.js'
import { readTargetAccounts, type Target, type TargetAccount } from './target.js'
import { attemptAny, seen } from './lookup.js'
import { decodeToken } from './token.js'

export interface Evidence {
  readonly cluster: ClusterEvidence
  readonly accounts: readonly ServiceAccountEvidence[]
}

/**
 * Reads all that the checks look at: only what `reach` allows, and nothing is changed. Look-ups for many are gathered by the clients. What may not
 * be read is part of the evidence; what fails otherwise is thrown. `resource` is what the proof's access token is to be for.
 */
export async function readEvidence(
  context: DoctorContext,
  reach: ReadonlySet<Service>,
  refusals: DeniedReads,
  target: Target,
  resource: string | undefined
): Promise<Evidence> {
  const accounts = once(() => readTargetAccounts(context, refusals, target))
  // The issuer is that of the tokens: what the API server says, and not what AKS says that it should.
  const given = context.settings.get('serviceAccountIssuerUrl')
  const own: DoctorContext = { ...context, issuer: once(async () => given ?? (await context.kubernetes()).issuer()) }
  const [cluster, { connections, issuer }, { accounts: found, every, annotated }] = await Promise.all([
    readCluster(own, reach, refusals),
    readConnections(own, reach, refusals, async () =>
      (await accounts()).accounts.flatMap(({ account }) => account ?? [])
    ),
    accounts()
  ])
  const byName = new Map(connections.map(connection => [`${connection.namespace}/${connection.name}`, connection]))
  const read = {
    context: own,
    reach,
    refusals,
    resource,
    every,
    issuer,
    annotated,
    findCandidate: likelyIdentities(own, reach, refusals)
  }
  return {
    cluster,
    accounts: await Promise.all(
      found.map(patient => readPatient(read, patient, byName.get(`${patient.namespace}/${patient.name}`)))
    )
  }
}

interface Reading {
  readonly context: DoctorContext
  readonly reach: ReadonlySet<Service>
  readonly refusals: DeniedReads
  readonly resource: string | undefined
  readonly every: ReadonlySet<string> | undefined
  /** The cluster's. */
  readonly issuer: string | undefined
  readonly annotated: readonly string[] | undefined
  readonly findCandidate: (of: Orphan) => Promise<LikelyIdentity | undefined>
}

async function readPatient(
  reading: Reading,
  patient: TargetAccount,
  connection: Connection | undefined
): Promise<ServiceAccountEvidence> {
  const { context, reach, refusals, every } = reading
  const clientId = connection?.clientId ?? ''
  const inDirectory = <T>(
    what: string,
    isWanted: boolean,
    lookUp: (graph: GraphClient) => Promise<T>
  ): Promise<T | undefined> =>
    isWanted && isGuid(clientId) && reach.has('graph')
      ? refusals.allow(what, async () => lookUp(await context.graph()))
      : Promise.resolve(undefined)
  const isLost = connection?.identity === null || patient.account === null
  const [cloud, tenantId, proof, deleted, deletedPrincipal, candidate] = await Promise.all([
    context.cloud(),
    context.knownTenantId(),
    readProof(reading, patient, connection),
    inDirectory(
      'deleted applications',
      isLost,
      async graph => (await graph.applications.deletedByClientId(clientId)) ?? null
    ),
    inDirectory('deleted service principals', isLost || connection?.identity?.principalId === null, graph =>
      graph.servicePrincipals.deletedObjectId(clientId)
    ),
    isLost || connection?.credential === null
      ? reading.findCandidate({
          ...patient,
          issuer: reading.issuer,
          subject: serviceAccountSubject(patient.namespace, patient.name)
        })
      : undefined
  ])
  return {
    ...patient,
    connection,
    tenantId,
    audience: cloud.exchangeAudience,
    graph: cloud.graph,
    principal: principalOf(connection),
    deleted,
    deletedPrincipal,
    candidate,
    ...proof,
    annotatedAccounts: reading.annotated,
    subjects: every && new Set([...every].map(each => serviceAccountSubject(...(each.split('/') as [string, string])))),
    unread: refusals.unread
  }
}

function principalOf(connection: Connection | undefined): PrincipalEvidence | null | undefined {
  const { principalId, enabled } = connection?.identity ?? {}
  if (principalId === undefined || principalId === null) return principalId
  return enabled === undefined ? undefined : { objectId: principalId, enabled }
}

/** Mints a token as the kubelet would, and has it exchanged as the pod would. Only what it says of itself is kept. */
async function readProof(
  { context, refusals, resource }: Reading,
  { namespace, name, account }: TargetAccount,
  connection: Connection | undefined
): Promise<{ token: Lookup<TokenClaims>; exchange: Lookup<ExchangeEvidence> }> {
  const not = (why: string) => ({ token: { unread: why }, exchange: { unread: why } })
  if (!account) return not('there is no service account to mint a token for')
  const { exchangeAudience } = await context.cloud()
  const minted = await seen(refusals, 'tokens of service accounts', async () =>
    (await context.kubernetes()).serviceAccountToken({ namespace, name }, exchangeAudience)
  )
  if (!('value' in minted)) return not(minted.unread)
  const token = { value: decodeToken(minted.value) }
  const clientId = connection?.clientId.trim() ?? ''
  if (!isGuid(clientId)) return { token, exchange: { unread: 'there is no client id to exchange a token for' } }
  const annotated = account.metadata?.annotations?.[annotation.tenantId]
  const tenantId = annotated !== undefined && isGuid(annotated) ? annotated : await context.knownTenantId()
  if (tenantId === undefined)
    return { token, exchange: { unread: 'it is not known which tenant to exchange a token in: give --tenant-id' } }
  const exchange = await attemptAny('the exchange at Entra', async (): Promise<ExchangeEvidence> => {
    const answer = await context.exchange(minted.value, clientId, { tenantId, resource })
    return answer.accepted
      ? { ...answer, expiresAt: Math.floor(answer.expiresAt / 1000) }
      : { accepted: false, code: answer.reason, text: answer.text }
  })
  return { token, exchange }
}
