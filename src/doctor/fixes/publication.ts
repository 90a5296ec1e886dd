import { discoveryDocument } from '../../domain/issuer.js'
import { shellQuoted } from '../../errors.js'
import type { AksEvidence, Lookup } from '../evidence/model.js'
import type { FindingDetails } from '../checks/finding.js'

/** Services that publish the documents of their clusters' issuers themselves, so that nobody else can. */
const hosts: readonly { readonly service: 'AKS' | 'EKS' | 'GKE'; readonly issuers: RegExp }[] = [
  // As AKS's documentation has it, and as issuers of its three clouds are seen in the field; clusters of its preview say `oidc`.
  { service: 'AKS', issuers: /^https:\/\/(?:[\w-]+\.)?(?:oic|oidc)\.prod-aks\.azure\.(?:com|us|cn)\//i },
  // Amazon EKS user guide, "Fetch signing keys to validate OIDC tokens".
  { service: 'EKS', issuers: /^https:\/\/oidc\.eks\.[\w-]+\.amazonaws\.com(?:\.cn)?\//i },
  // GKE REST reference, projects.locations.clusters.well-known.getOpenid-configuration.
  { service: 'GKE', issuers: /^https:\/\/container\.googleapis\.com\//i }
]

/** Who publishes an issuer's documents, where that is a service; undefined where whoever runs the cluster does. */
export function publisherOf(issuer: string): 'AKS' | 'EKS' | 'GKE' | undefined {
  return hosts.find(({ issuers }) => issuers.test(issuer))?.service
}

/** Where the key set is looked for when the discovery document does not say: where azure-workload-identity's documentation has it published. */
export function usualKeysUrl(issuer: string): string {
  return `${issuer.replace(/\/+$/, '')}/openid/v1/jwks`
}

/** Which of an issuer's documents has to be published anew, and where it belongs. */
export interface Publication {
  readonly issuer: string
  readonly discoveryUrl?: string
  readonly keysUrl: string
  readonly keys: boolean
}

/** How published documents are mended: the lines for whoever publishes them, or what else can be done about those of a service. */
export function republished(publication: Publication, aks: Lookup<AksEvidence | null>): FindingDetails {
  const service = publisherOf(publication.issuer)
  if (service === 'AKS') return reconciled(aks)
  if (service !== undefined)
    return { details: [`${service} publishes this document itself: ask its support, where it stays so`] }
  const { issuer, discoveryUrl, keysUrl, keys } = publication
  const document = JSON.stringify(discoveryDocument(issuer, keysUrl))
  return {
    fix: [
      ...(discoveryUrl === undefined
        ? []
        : [
            `printf '%s' ${shellQuoted(document)} > openid-configuration.json`,
            put(discoveryUrl, 'openid-configuration.json')
          ]),
      ...(keys ? ['kubectl get --raw /openid/v1/jwks > jwks.json', put(keysUrl, 'jwks.json')] : [])
    ],
    details: [
      "az rest writes to Azure Blob Storage, for whoever is Storage Blob Data Contributor there; elsewhere, put the file in its place by that host's own means",
      'everybody must be able to read it: Entra comes from the internet, and by no address that a firewall could let in'
    ]
  }
}

/** Source: azure-workload-identity, troubleshooting, "AADSTS90061". */
function reconciled(aks: Lookup<AksEvidence | null>): FindingDetails {
  const details = [
    "AKS publishes this document itself, and does so again when the cluster is updated; where it stays so, ask Azure's support"
  ]
  return 'value' in aks && aks.value !== null ? { fix: [updateAks(aks.value)], details } : { details }
}

/** Turns on what a cluster needs, and reconciles one that has it already. */
export function updateAks({ name, resourceGroup }: AksEvidence): string {
  return `az aks update --name ${shellQuoted(name)} --resource-group ${shellQuoted(resourceGroup)} --enable-oidc-issuer --enable-workload-identity`
}

function put(url: string, file: string): string {
  return (
    `az rest --method put --url ${shellQuoted(blobUrl(url))} --headers x-ms-blob-type=BlockBlob x-ms-version=2023-11-03 Content-Type=application/json` +
    ` --resource https://storage.azure.com --body @${file}`
  )
}

/** A static website is read at an address of its own, and written as the container `$web` (Azure Storage, static website hosting). */
function blobUrl(url: string): string {
  return url.replace(/^https:\/\/([a-z0-9]+)\.z\d+\.web\.(core\.[\w.]+)\//i, 'https://$1.blob.$2/$$web/')
}
