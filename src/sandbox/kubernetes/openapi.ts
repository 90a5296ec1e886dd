import { namespaces, serviceAccounts, type ObjectKind } from './kinds.js'

/** `/openapi/v3`: where the document of each group is. */
export const openApiIndex = { paths: { 'api/v1': { serverRelativeURL: '/openapi/v3/api/v1' } } }

/**
 * `/openapi/v3/api/v1`, as far as kubectl reads it: before a create or an apply it looks for the patch operation of the kind, and whether that takes
 * `fieldValidation`; if so it leaves validation to the server.
 */
export const openApiDocument = {
  openapi: '3.0.0',
  info: { title: 'azwi sandbox', version: 'v1.32.0' },
  paths: {
    '/api/v1/namespaces/{name}': { patch: patchOperation(namespaces) },
    '/api/v1/namespaces/{namespace}/serviceaccounts/{name}': { patch: patchOperation(serviceAccounts) }
  }
}

function patchOperation({ kind }: ObjectKind): object {
  return {
    operationId: `patchCoreV1${kind}`,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(name => ({ name, in: 'query', schema: { type: 'string' } })),
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group: '', kind, version: 'v1' }
  }
}
