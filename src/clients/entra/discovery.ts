import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse
} from '@azure/core-rest-pipeline'

/**
 * Returns a transport that answers requests for the tenant's discovery document without sending them. This saves a request in every login,
 * because the endpoints follow from authority and tenant. Source: "OpenID Connect on the Microsoft identity platform".
 */
export function withLocalDiscovery(transport: HttpClient, tenantId: string): HttpClient {
  return {
    sendRequest: async request => {
      const [base, rest] = (request.url.split('?', 1)[0] ?? '').split(`/${tenantId}/v2.0/`)
      if (rest !== '.well-known/openid-configuration') return transport.sendRequest(request)
      return answer(request, `${base}/${tenantId}`)
    }
  }
}

function answer(request: PipelineRequest, tenant: string): PipelineResponse {
  const document = {
    issuer: `${tenant}/v2.0`,
    authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
    token_endpoint: `${tenant}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${tenant}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${tenant}/oauth2/v2.0/logout`,
    jwks_uri: `${tenant}/discovery/v2.0/keys`
  }
  return {
    request,
    status: 200,
    headers: createHttpHeaders({ 'content-type': 'application/json' }),
    bodyAsText: JSON.stringify(document)
  }
}
