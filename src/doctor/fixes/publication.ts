import { discoveryDocument } from '../../domain/issuer.js'
import { shellQuoted } from '../../errors.js'
import type { AksEvidence, LookupResult } from '../evidence/model.js'
import type { FindingDetails } from '../finding.js'

/** The services that publish the documents of their clusters' issuers. Nobody else can publish there. */
const publishers: readonly { readonly service: 'AKS' | 'EKS' | 'GKE'; readonly issuers: RegExp }[] = [
  // AKS documentation, and issuers seen in its three clouds. Clusters of the preview have `oidc` in their name.
  { service: 'AKS', issuers: /^https:\/\/(?:[\w-]+\.)?(?:oic|oidc)\.prod-aks\.azure\.(?:com|us|cn)\//i },
  // Amazon EKS user guide, "Fetch signing keys to validate OIDC tokens".
  { service: 'EKS', issuers: /^https:\/\/oidc\.eks\.[\w-]+\.amazonaws\.com(?:\.cn)?\//i },
  // GKE REST reference, projects.locations.clusters.well-known.getOpenid-configuration.
  { service: 'GKE', issuers: /^https:\/\/container\.googleapis\.com\//i }
]

/** Returns the service that publishes the documents of an issuer, or undefined if the operator of the cluster publishes them. */
export function publisherOf(issuer: string): 'AKS' | 'EKS' | 'GKE' | undefined {
  return publishers.find(({ issuers }) => issuers.test(issuer))?.service
}

/** Returns the address of the key set that the documentation of azure-workload-identity uses. For issuers whose discovery document names none. */
export function usualKeysUrl(issuer: string): string {
  return `${issuer.replace(/\/+$/, '')}/openid/v1/jwks`
}

/** The documents of an issuer to publish again, and their addresses. */
export interface Publication {
  readonly issuer: string
  /** Undefined if the discovery document stays as it is. */
  readonly discoveryUrl?: string
  readonly keysUrl: string
  /** Whether to publish the key set. */
  readonly keys: boolean
}

/** Returns the fix for published documents: the lines for the operator of the cluster, or instructions if a service publishes them. */
export function republishFix(publication: Publication, aks: LookupResult<AksEvidence | null>): FindingDetails {
  const service = publisherOf(publication.issuer)
  if (service === 'AKS') return reconcileAksFix(aks)
  if (service !== undefined)
    return { details: [`${service} publishes this document itself: ask its support if it stays so`] }
  const { issuer, discoveryUrl, keysUrl, keys } = publication
  const document = JSON.stringify(discoveryDocument(issuer, keysUrl))
  return {
    fix: [
      ...(discoveryUrl === undefined
        ? []
        : [
            `printf '%s' ${shellQuoted(document)} > openid-configuration.json`,
            uploadLine(discoveryUrl, 'openid-configuration.json')
          ]),
      ...(keys ? ['kubectl get --raw /openid/v1/jwks > jwks.json', uploadLine(keysUrl, 'jwks.json')] : [])
    ],
    details: [
      "az rest writes to Azure Blob Storage, for whoever is Storage Blob Data Contributor there; elsewhere, put the file in its place by that host's own means",
      'everybody must be able to read it: Entra comes from the internet, and by no address that a firewall could let in'
    ]
  }
}

/** Source: azure-workload-identity, troubleshooting, "AADSTS90061". */
function reconcileAksFix(aks: LookupResult<AksEvidence | null>): FindingDetails {
  const details = [
    "AKS publishes this document itself, and does so again when the cluster is updated; if it stays so, ask Azure's support"
  ]
  return 'value' in aks && aks.value !== null ? { fix: [updateAksLine(aks.value)], details } : { details }
}

/** Returns the line that turns on the OIDC issuer and workload identity of an AKS cluster. If both are on, the line reconciles the cluster. */
export function updateAksLine({ name, resourceGroup }: Pick<AksEvidence, 'name' | 'resourceGroup'>): string {
  return `az aks update --name ${shellQuoted(name)} --resource-group ${shellQuoted(resourceGroup)} --enable-oidc-issuer --enable-workload-identity`
}

function uploadLine(url: string, file: string): string {
  return (
    `az rest --method put --url ${shellQuoted(blobUrl(url))} --headers x-ms-blob-type=BlockBlob x-ms-version=2023-11-03 Content-Type=application/json` +
    ` --resource https://storage.azure.com --body @${file}`
  )
}

/**
 * Returns the address to write a blob to. A static website has another address to read from; its container is `$web` (Azure Storage, static
 * website hosting).
 */
function blobUrl(url: string): string {
  return url.replace(/^https:\/\/([a-z0-9]+)\.z\d+\.web\.(core\.[\w.]+)\//i, 'https://$1.blob.$2/$$web/')
}
