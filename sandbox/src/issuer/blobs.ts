import { createHash } from 'node:crypto'
import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'

/**
 * The audience of a token for blobs. It is the same in every cloud (Azure Storage, authorization with Microsoft Entra
 * ID).
 */
const audience = 'https://storage.azure.com'

/** An error response of Azure Storage: XML, and a header with the code. */
class StorageError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {}
  ) {
    super(message)
  }
}

/**
 * Handles Put Blob (Azure Storage REST API), as `az storage blob upload --auth-mode login` sends it. The blob replaces
 * the document of the issuer at the same path. The caller needs a token for storage. Supports only whole block blobs.
 * `exists`: whether there is a document at the path already.
 */
export async function putBlob(
  state: State,
  request: SandboxRequest,
  path: string,
  exists: boolean
): Promise<SandboxResponse> {
  const { headers, body } = request
  await requireToken(state, request)
  requireHeader(request, 'x-ms-version', /^\d{4}-\d\d-\d\d$/)
  requireHeader(request, 'x-ms-blob-type', /^BlockBlob$/i)
  if (exists && headers['if-none-match'] === '*')
    throw new StorageError(409, 'BlobAlreadyExists', 'The specified blob already exists.')
  const type = headers['x-ms-blob-content-type'] ?? headers['content-type'] ?? 'application/octet-stream'
  state.published.set(path, { status: 200, headers: { 'content-type': type, 'x-ms-blob-type': 'BlockBlob' }, body })
  return {
    status: 201,
    headers: {
      'content-md5': createHash('md5').update(body).digest('base64'),
      etag: `"0x${createHash('sha256').update(body).digest('hex').slice(0, 15).toUpperCase()}"`,
      'last-modified': state.now().toUTCString(),
      'x-ms-request-id': state.uuid(),
      'x-ms-request-server-encrypted': 'true',
      'x-ms-version': headers['x-ms-version'] ?? ''
    }
  }
}

async function requireToken(
  { accessTokens, tenantId, endpoints }: State,
  { headers: { authorization } }: SandboxRequest
): Promise<void> {
  if ((await accessTokens.verify(authorization, [audience, `${audience}/`])) !== undefined) return
  throw new StorageError(
    401,
    authorization === undefined ? 'NoAuthenticationInformation' : 'InvalidAuthenticationInfo',
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
    {
      'www-authenticate': `Bearer authorization_uri=${endpoints.entra}/${tenantId}/oauth2/authorize resource_id=${audience}`
    }
  )
}

function requireHeader({ headers }: SandboxRequest, name: string, pattern: RegExp): void {
  const value = headers[name]
  if (value === undefined)
    throw new StorageError(
      400,
      'MissingRequiredHeader',
      `An HTTP header that's mandatory for this request is not specified: ${name}.`
    )
  if (!pattern.test(value)) {
    throw new StorageError(
      400,
      'InvalidHeaderValue',
      `The value for one of the HTTP headers is not in the correct format: ${name}.`
    )
  }
}

/** Returns the response for a StorageError, or undefined for any other error. */
export function storageErrorResponse(error: unknown): SandboxResponse | undefined {
  if (!(error instanceof StorageError)) return undefined
  const { status, code, message, headers } = error
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`
  }
}
