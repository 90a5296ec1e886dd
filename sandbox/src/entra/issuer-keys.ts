import { Agent, get } from 'node:https'
import { rootCertificates } from 'node:tls'
import { isJsonObject, type JsonObject } from '../json.js'
import { EntraError } from './errors.js'

/** Fetches the keys of an issuer. Throws an EntraError if they cannot be fetched. */
export type IssuerKeys = (issuer: string) => Promise<JsonObject[]>

const timeoutInMilliseconds = 5000
const limitInBytes = 1024 * 1024

/**
 * Creates a function that fetches the keys of an issuer through its discovery document. It trusts the sandbox's
 * certificate authority and the public ones. Unlike Entra, which caches keys for hours, it fetches them every time, so
 * that a newly published key is valid at once.
 */
export function createIssuerKeys(caPem: string): IssuerKeys {
  // Reuses connections, because parsing all root certificates for a new one takes 50 milliseconds.
  const agent = new Agent({ ca: [...rootCertificates, caPem], keepAlive: true, maxSockets: 16 })
  return async issuer => {
    const documentUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const document = await fetchJson(documentUrl, agent).catch(() => {
      throw new EntraError(90061, 'invalid_request', 'Request to External OIDC endpoint failed.')
    })
    // The document must be about the requested issuer (OpenID Connect Discovery, 4.3).
    if (!isJsonObject(document) || document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
      throw new EntraError(90061, 'invalid_request', 'Request to External OIDC endpoint failed.')
    }
    const keySet = await fetchJson(document.jwks_uri, agent).catch((error: unknown) => {
      if (error instanceof SyntaxError) throw unreadableKeys()
      throw new EntraError(50166, 'invalid_request', 'Request to External OIDC endpoint failed.')
    })
    if (!isJsonObject(keySet) || !Array.isArray(keySet.keys)) throw unreadableKeys()
    return keySet.keys.filter(isJsonObject)
  }
}

function unreadableKeys(): EntraError {
  return new EntraError(900612, 'invalid_request', 'Failed to parse provider signing keys.')
}

async function fetchJson(url: string, agent: Agent): Promise<unknown> {
  if (!url.startsWith('https://')) throw new Error(`Not an https address: ${url}`)
  return JSON.parse(await fetchText(url, agent)) as unknown
}

/**
 * Fetches a text, with limits for size and time. Rejects for redirects and all statuses but 200. Not `fetch`, which
 * cannot trust another authority.
 */
function fetchText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      signal: AbortSignal.timeout(timeoutInMilliseconds),
      headers: { accept: 'application/json' }
    }
    get(url, options, response => {
      if (response.statusCode !== 200) {
        response.resume()
        reject(new Error(`${url} answered ${response.statusCode ?? 'nothing'}.`))
        return
      }
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
        if (text.length > limitInBytes) response.destroy(new Error(`${url} is too long.`))
      })
      response.on('end', () => {
        resolve(text)
      })
      response.on('error', reject)
    }).on('error', reject)
  })
}
