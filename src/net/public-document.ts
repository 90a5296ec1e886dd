import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline'
import { issuerDocumentTypes } from '../domain/issuer.js'

/** A fetched document, or the reason why there is none: the end of a sentence that begins with the URL. */
export type PublicDocument = { readonly value: unknown } | { readonly problem: string }

/** Fetches a document of an issuer as Entra does: over HTTPS, without a login, without following redirects. Never throws. */
export async function fetchPublicDocument(url: string, transport: HttpClient): Promise<PublicDocument> {
  if (!URL.canParse(url)) return { problem: 'is no URL' }
  if (!url.startsWith('https://')) return { problem: 'is not https' }
  try {
    const { status, bodyAsText } = await transport.sendRequest(
      createPipelineRequest({ url, headers: createHttpHeaders({ accept: issuerDocumentTypes }) })
    )
    if (status !== 200) return { problem: `answered ${status}` }
    return { value: JSON.parse(bodyAsText ?? '') as unknown }
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'is no JSON' }
    return { problem: `cannot be fetched: ${(error as Error).message.split('\n', 1)[0] ?? ''}` }
  }
}
