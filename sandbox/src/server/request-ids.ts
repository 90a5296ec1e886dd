import type { SandboxRequest, Service } from './http.js'

/**
 * Returns the headers that identify a request, in the form of the service. A handler can replace them, for example if
 * its body contains the ID. Graph and ARM repeat the client's own ID (Graph: error responses and resource types; ARM:
 * common API details).
 */
export function requestIdHeaders(
  service: Service['name'],
  request: SandboxRequest,
  id: string
): Record<string, string> {
  const sent = request.headers
  switch (service) {
    case 'graph':
      return { 'request-id': id, 'client-request-id': sent['client-request-id'] ?? id }
    case 'arm':
      return {
        'x-ms-request-id': id,
        'x-ms-correlation-request-id': sent['x-ms-correlation-request-id'] ?? id,
        ...(sent['x-ms-return-client-request-id'] === 'true' && sent['x-ms-client-request-id'] !== undefined
          ? { 'x-ms-client-request-id': sent['x-ms-client-request-id'] }
          : {})
      }
    case 'entra':
      return { 'x-ms-request-id': id }
    case 'kubernetes':
      return { 'audit-id': id }
    case 'issuer':
      return { 'x-ms-request-id': id }
  }
}
