import type { Service } from '../server/http.js'

interface CodeAndMessage {
  readonly code: string
  readonly message: string
}

/**
 * Returns the usual error code and message of a service for a status. Those of 429 are recorded; the other codes are
 * from the reference.
 */
export function usualError(service: Service['name'], status: number, subscriptionId: string): CodeAndMessage {
  const codes = usualCodes[service]
  const code = codes[status] ?? (status >= 500 ? codes[500] : codes[400]) ?? String(status)
  return {
    code,
    message: throttled(service, status, subscriptionId) ?? `The azwi sandbox was told to answer ${status}.`
  }
}

const usualCodes: Readonly<Record<Service['name'], Readonly<Record<number, string>>>> = {
  graph: {
    400: 'Request_BadRequest',
    401: 'InvalidAuthenticationToken',
    403: 'Authorization_RequestDenied',
    404: 'Request_ResourceNotFound',
    409: 'Request_MultipleObjectsWithSameKeyValue',
    429: 'TooManyRequests',
    500: 'Service_InternalServerError',
    502: 'UnknownError',
    503: 'ServiceUnavailable',
    504: 'UnknownError'
  },
  arm: {
    400: 'BadRequest',
    401: 'AuthenticationFailed',
    403: 'AuthorizationFailed',
    404: 'ResourceNotFound',
    409: 'Conflict',
    429: '429',
    500: 'InternalServerError',
    502: 'BadGateway',
    503: 'ServiceUnavailable',
    504: 'GatewayTimeout'
  },
  kubernetes: {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout'
  },
  // learn.microsoft.com, Microsoft Entra authentication and authorization error codes.
  entra: { 400: '50000', 429: '90055', 500: '90033' },
  issuer: { 400: 'BadRequest', 404: 'NotFound', 429: 'TooManyRequests', 500: 'InternalError' }
}

function throttled(service: Service['name'], status: number, subscriptionId: string): string | undefined {
  if (status !== 429) return undefined
  switch (service) {
    case 'arm':
      return `Request is temporarily throttled because subscription ${subscriptionId} has issued too many requests.`
    case 'graph':
      return 'Too many requests from Identifier:sandbox under category:aadgraph.app.tenant_large. Please try again later.'
    case 'kubernetes':
      return 'the server has received too many requests and has asked us to try again later'
    case 'entra':
      return 'There are too many incoming requests.'
    case 'issuer':
      return undefined
  }
}
