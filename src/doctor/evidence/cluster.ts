import type { DeniedReads } from '../../connections/denied-reads.js'
import type { Service } from '../../context.js'
import { aksClusterReference } from '../../identities/subject.js'
import type { DoctorContext } from './context.js'
import { lookUpIfAllowed, lookUpOrSkip, mapResult } from './lookup.js'
import type {
  AksEvidence,
  ClusterEvidence,
  LookupResult,
  PublishedIssuer,
  SigningKeySummary,
  WebhookEvidence
} from './model.js'

/** The name of the webhook's configuration begins with this in the project's manifests, in its chart and in AKS. */
const webhookName = 'azure-wi-webhook'

/** Reads the evidence about the whole cluster. Independent lookups run at the same time. */
export async function readCluster(
  context: DoctorContext,
  services: ReadonlySet<Service>,
  deniedReads: DeniedReads
): Promise<ClusterEvidence> {
  const reader = await context.clusterReader()
  const issuer = readIssuer(context, deniedReads)
  const [published, keys, aks, webhook, namespaces] = await Promise.all([
    issuer.then(result => ('value' in result ? readPublished(context, result.value) : undefined)),
    lookUpOrSkip(deniedReads, 'the keys of the cluster', async () => summarizeKeys(await reader.keys())),
    issuer.then(result =>
      readAks(
        context,
        services,
        deniedReads,
        new URL(reader.server).hostname,
        'value' in result ? result.value : undefined
      )
    ),
    lookUpIfAllowed(deniedReads, 'webhook configurations', () => readWebhook(context, deniedReads)),
    lookUpIfAllowed(
      deniedReads,
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

/** Reads the issuer that the API server names. Without it, returns the one that the flags name. */
async function readIssuer(context: DoctorContext, deniedReads: DeniedReads): Promise<LookupResult<string>> {
  const published = await lookUpOrSkip(deniedReads, 'the issuer of the cluster', context.publishedIssuer)
  if ('value' in published) return published
  const given = context.settings.get('serviceAccountIssuerUrl')
  return given === undefined
    ? { unread: `${published.unread}; give it with --service-account-issuer-url` }
    : { value: given }
}

/** Follows the issuer as Entra does: from the discovery document to the key set. */
async function readPublished({ fetchPublicDocument }: DoctorContext, issuer: string): Promise<PublishedIssuer> {
  // A client removes a trailing slash of the issuer before it appends the path (OpenID Connect Discovery 1.0, section 4).
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovery = await fetchPublicDocument(url)
  if ('problem' in discovery) return { discovery: { url, ...discovery }, keys: undefined }
  const {
    issuer: publishedIssuer,
    jwks_uri: jwksUri,
    id_token_signing_alg_values_supported: algorithms
  } = membersOf(discovery.value)
  const value = {
    issuer: publishedIssuer,
    jwksUri,
    algorithms: Array.isArray(algorithms) ? algorithms.map(String) : []
  }
  if (typeof jwksUri !== 'string') return { discovery: { url, value }, keys: undefined }
  const keys = await fetchPublicDocument(jwksUri)
  return {
    discovery: { url, value },
    keys: { url: jwksUri, ...('problem' in keys ? keys : parseKeySet(keys.value)) }
  }
}

function parseKeySet(document: unknown): { value: readonly SigningKeySummary[] } | { problem: string } {
  return Array.isArray(membersOf(document).keys)
    ? { value: summarizeKeys(document) }
    : { problem: 'is no key set: it has no list of keys' }
}

/** Returns the keys of a JSON Web Key Set (RFC 7517). The result is empty for any other document. */
function summarizeKeys(document: unknown): SigningKeySummary[] {
  const { keys } = membersOf(document)
  return (Array.isArray(keys) ? (keys as unknown[]) : []).map(key => {
    const { kid, kty, alg } = membersOf(key)
    return { kid: textOf(kid), kty: textOf(kty), alg: typeof alg === 'string' ? alg : undefined }
  })
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** Finds the AKS cluster that the flags name, or else the one in the subscription with this API server or this issuer. */
async function readAks(
  context: DoctorContext,
  services: ReadonlySet<Service>,
  deniedReads: DeniedReads,
  host: string,
  issuer: string | undefined
): Promise<LookupResult<AksEvidence | null>> {
  const { settings } = context
  if (!services.has('arm'))
    return { unread: 'AKS clusters cannot be looked at without a login to Azure and a subscription' }
  const found = await lookUpIfAllowed(deniedReads, 'AKS clusters', async () => {
    const [client, subscription] = await Promise.all([context.resourceManager(), context.subscriptionId()])
    if (settings.given('aksCluster')) {
      const { subscriptionId, resourceGroup, name } = await aksClusterReference(context)
      return (await client.aksCluster(subscriptionId, resourceGroup, name)) ?? null
    }
    const clusters = await client.aksClusters(subscription)
    return (
      clusters.find(cluster => cluster.host === host) ??
      clusters.find(cluster => issuer !== undefined && cluster.issuer === issuer) ??
      null
    )
  })
  return mapResult(
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

async function readWebhook(context: DoctorContext, deniedReads: DeniedReads): Promise<WebhookEvidence | null> {
  const reader = await context.clusterReader()
  const configuration = (await reader.mutatingWebhooks()).find(
    ({ metadata }) => metadata?.name?.startsWith(webhookName) === true
  )
  if (configuration === undefined) return null
  const service = configuration.webhooks?.[0]?.clientConfig.service
  const ready =
    service &&
    (await lookUpIfAllowed(deniedReads, `endpoints of ${service.namespace}/${service.name}`, () =>
      reader.readyEndpoints(service.namespace, service.name)
    ))
  return { configuration, readyEndpoints: ready && 'value' in ready ? ready.value : undefined }
}
