import type { Service } from '../../context.js'
import type { DeniedReads } from '../../connections/denied-reads.js'
import type { DoctorContext } from './context.js'
import type {
  AksEvidence,
  ClusterEvidence,
  Lookup,
  PublishedIssuer,
  SigningKeySummary,
  WebhookEvidence
} from './model.js'
import { mapLookup, seen } from './lookup.js'

/** What the webhook's configuration is called, however it was installed. Source: azure-workload-identity, its manifests and chart. */
const webhookName = 'azure-wi-webhook'

/** Reads what holds for the whole cluster, all of it at the same time. */
export async function readCluster(
  context: DoctorContext,
  reach: ReadonlySet<Service>,
  refusals: DeniedReads
): Promise<ClusterEvidence> {
  const reader = await context.clusterReader()
  const issuer = seen(refusals, 'the issuer of the cluster', async () => (await context.kubernetes()).issuer())
  const [published, keys, aks, webhook, namespaces] = await Promise.all([
    issuer.then(look => ('value' in look ? readPublished(context, look.value) : undefined)),
    seen(refusals, 'the keys of the cluster', async () => summaries(await reader.keys())),
    issuer.then(look =>
      readAks(context, reach, refusals, new URL(reader.server).hostname, 'value' in look ? look.value : undefined)
    ),
    seen(refusals, 'webhook configurations', () => readWebhook(context, refusals)),
    seen(
      refusals,
      'namespaces',
      async () =>
        new Map((await reader.namespaces()).map(({ metadata }) => [metadata?.name ?? '', metadata?.labels ?? {}]))
    )
  ])
  const [tenantId, cloud] = await Promise.all([context.knownTenantId(), context.cloud()])
  return {
    server: reader.server,
    issuer: await issuer,
    keys,
    published,
    aks,
    webhook,
    namespaces,
    tenantId,
    authorityHost: cloud.authority
  }
}

/** Follows the issuer as Entra does: by its discovery document to its key set. */
async function readPublished({ fetchPublicDocument }: DoctorContext, issuer: string): Promise<PublishedIssuer> {
  // OpenID Connect Discovery 1.0, 4: a slash at the issuer's end is left out before the path is added.
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovery = await fetchPublicDocument(url)
  if ('problem' in discovery) return { discovery: { url, ...discovery }, keys: undefined }
  const {
    issuer: named,
    jwks_uri: jwksUri,
    id_token_signing_alg_values_supported: algorithms
  } = members(discovery.value)
  const value = { issuer: named, jwksUri, algorithms: Array.isArray(algorithms) ? algorithms.map(String) : [] }
  if (typeof jwksUri !== 'string') return { discovery: { url, value }, keys: undefined }
  const keys = await fetchPublicDocument(jwksUri)
  return { discovery: { url, value }, keys: { url: jwksUri, ...('problem' in keys ? keys : keySetOf(keys.value)) } }
}

function keySetOf(document: unknown): { value: readonly SigningKeySummary[] } | { problem: string } {
  return Array.isArray(members(document).keys)
    ? { value: summaries(document) }
    : { problem: 'is no key set: it has no list of keys' }
}

/** The keys of a JSON Web Key Set (RFC 7517), as far as they can be told apart. */
function summaries(document: unknown): SigningKeySummary[] {
  const { keys } = members(document)
  return (Array.isArray(keys) ? (keys as unknown[]) : []).map(key => {
    const { kid, kty, alg } = members(key)
    return { kid: textOf(kid), kty: textOf(kty), alg: typeof alg === 'string' ? alg : undefined }
  })
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const members = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** The cluster that the flags name; else the one in the subscription that has this API server or this issuer. */
async function readAks(
  context: DoctorContext,
  reach: ReadonlySet<Service>,
  refusals: DeniedReads,
  host: string,
  issuer: string | undefined
): Promise<Lookup<AksEvidence | null>> {
  const { settings } = context
  if (!reach.has('arm'))
    return { unread: 'AKS clusters cannot be looked at without a login to Azure and a subscription' }
  const found = await seen(refusals, 'AKS clusters', async () => {
    const [client, subscription] = await Promise.all([context.resourceManager(), context.subscriptionId()])
    if (settings.given('aksCluster'))
      return (
        (await client.aksCluster(subscription, settings.require('aksResourceGroup'), settings.require('aksCluster'))) ??
        null
      )
    const clusters = await client.aksClusters(subscription)
    return (
      clusters.find(each => each.host === host) ??
      clusters.find(each => issuer !== undefined && each.issuer === issuer) ??
      null
    )
  })
  return mapLookup(
    found,
    cluster =>
      cluster && {
        name: cluster.name,
        resourceGroup: cluster.resourceGroup,
        issuer: cluster.issuer,
        workloadIdentity: cluster.workloadIdentity
      }
  )
}

async function readWebhook(context: DoctorContext, refusals: DeniedReads): Promise<WebhookEvidence | null> {
  const reader = await context.clusterReader()
  const configuration = (await reader.mutatingWebhooks()).find(
    ({ metadata }) => metadata?.name?.startsWith(webhookName) === true
  )
  if (configuration === undefined) return null
  const service = configuration.webhooks?.[0]?.clientConfig.service
  const ready =
    service &&
    (await seen(refusals, `endpoints of ${service.namespace}/${service.name}`, () =>
      reader.readyEndpoints(service.namespace, service.name)
    ))
  return { configuration, readyEndpoints: ready && 'value' in ready ? ready.value : undefined }
}
