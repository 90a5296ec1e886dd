import { createHttpHeaders, createPipelineRequest, type HttpClient } from '@azure/core-rest-pipeline'
import { LoginError } from '../errors.js'
import { allowUnlistedRequest } from '../net/expected-responses.js'

/**
 * Fetches the OIDC token of a GitHub Actions job from its runner. Throws a LoginError if the runner does not answer with a token. Source of
 * the request: GitHub's documentation, "OpenID Connect".
 */
export async function fetchGitHubToken(
  requestUrl: string,
  requestToken: string,
  audience: string,
  transport: HttpClient
): Promise<string> {
  const url = new URL(requestUrl)
  url.searchParams.set('audience', audience)
  const response = await transport.sendRequest(
    allowUnlistedRequest(
      createPipelineRequest({
        url: url.href,
        headers: createHttpHeaders({ authorization: `Bearer ${requestToken}`, accept: 'application/json' })
      })
    )
  )
  const token = response.status === 200 ? parseToken(response.bodyAsText) : undefined
  if (token !== undefined) return token
  throw new LoginError(
    'NoGitHubToken',
    `GitHub's runner answered ${response.status} instead of an OIDC token`,
    'add to the job: permissions: { id-token: write, contents: read }'
  )
}

function parseToken(body: string | null | undefined): string | undefined {
  try {
    const { value } = JSON.parse(body ?? '') as { value?: unknown }
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}
