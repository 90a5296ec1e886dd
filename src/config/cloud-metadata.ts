import { AzwiError, shellQuoted } from '../errors.js'
import { type Cloud, cloudOfEndpoint, exchangeAudienceOf, isSameCloud } from './clouds.js'

interface Entry {
  readonly name?: string
  readonly resourceManager?: string
  readonly microsoftGraphResourceId?: string
  readonly graphEndpoint?: string
  readonly graph?: string
  readonly authentication?: { readonly loginEndpoint?: string; readonly audiences?: readonly string[] }
}

/**
 * Reads a cloud from its metadata document (`<resource manager>/metadata/endpoints`), in any of the published API versions:
 *
 * - 2022-09-01: an object.
 * - 2019-05-01: an array of clouds. `wanted` is the name of the cloud to choose.
 * - 2015-01-01: an object without the resource manager. It is then the origin of `source`, the URL of the document.
 *
 * Throws an AzwiError if an endpoint is missing.
 */
export function cloudFromMetadata(document: unknown, source: string, wanted: string): Cloud {
  const entry = chooseEntry(document, source, wanted)
  const authority = url(entry.authentication?.loginEndpoint, source, 'authentication.loginEndpoint')
  const resourceManager = url(entry.resourceManager ?? new URL(source).origin, source, 'resourceManager')
  const audience =
    entry.authentication?.audiences?.find(candidate => sameOrigin(candidate, resourceManager)) ??
    entry.authentication?.audiences?.[0]
  // Version 2015-01-01 has no name, so azwi derives the cloud from the hosts.
  const name =
    entry.name ?? cloudOfEndpoint(resourceManager) ?? cloudOfEndpoint(authority) ?? new URL(resourceManager).hostname
  return {
    name,
    authority: trim(authority),
    resourceManager: trim(resourceManager),
    resourceManagerAudience: trim(audience ?? resourceManager),
    // Only version 2022-09-01 has Microsoft Graph. The others have the retired Azure AD Graph.
    graph: trim(
      url(entry.microsoftGraphResourceId ?? microsoftGraphFor(entry, name), source, 'microsoftGraphResourceId')
    ),
    exchangeAudience: exchangeAudienceOf(name)
  }
}

function chooseEntry(document: unknown, source: string, wanted: string): Entry {
  if (Array.isArray(document)) {
    const entries = document.filter((entry): entry is Entry => typeof entry === 'object' && entry !== null)
    const chosen =
      entries.find(entry => entry.name !== undefined && isSameCloud(entry.name, wanted)) ??
      (entries.length === 1 ? entries[0] : undefined)
    if (chosen !== undefined) return chosen
    const names = entries.map(entry => entry.name ?? '(no name)').join(', ')
    throw new AzwiError('CloudNotInMetadata', `the metadata document at ${source} has no cloud named "${wanted}"`, {
      hint: `it has ${names}`
    })
  }
  if (typeof document === 'object' && document !== null) return document
  throw new AzwiError('CloudMetadata', `what ${source} answers is not a cloud metadata document`)
}

/** Microsoft Graph by the host of the Azure AD Graph of the same cloud. */
const graphSuccessors: Readonly<Record<string, string>> = {
  'graph.windows.net': 'https://graph.microsoft.com',
  'graph.chinacloudapi.cn': 'https://microsoftgraph.chinacloudapi.cn'
}

function microsoftGraphFor(entry: Entry, name: string): string | undefined {
  if (isSameCloud(name, 'AzureUSGovernmentCloud')) return 'https://graph.microsoft.us'
  const older = entry.graphEndpoint ?? entry.graph
  return older !== undefined && URL.canParse(older) ? (graphSuccessors[new URL(older).hostname] ?? older) : older
}

function url(value: unknown, source: string, field: string): string {
  if (typeof value === 'string' && URL.canParse(value)) return value
  throw new AzwiError('CloudMetadata', `the cloud metadata document at ${source} has no usable ${field}`, {
    hint: `look at it: curl ${shellQuoted(source)}`
  })
}

const trim = (url: string): string => url.replace(/\/+$/, '')

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin
}
