import { allKinds } from './kinds/all-kinds.js'
import { collectionPath, groupVersionPath, type ObjectKind } from './kinds/object-kind.js'

const roots = [...new Set(allKinds.map(groupVersionPath))]
const documentPath = (root: string): string => `/openapi/v3${root}`

/**
 * The OpenAPI v3 documents, by path: `/openapi/v3`, which lists the document of each group, and these documents. They
 * hold only what kubectl reads. Before a create or an apply, kubectl looks up the patch operation of the kind. If it
 * has the parameter `fieldValidation`, kubectl leaves the validation to the server.
 */
export const openApi: Readonly<Record<string, object>> = {
  '/openapi/v3': {
    paths: Object.fromEntries(roots.map(root => [root.slice(1), { serverRelativeURL: documentPath(root) }]))
  },
  ...Object.fromEntries(
    roots.map(root => [
      documentPath(root),
      {
        openapi: '3.0.0',
        info: { title: 'azwi sandbox', version: 'v1.32.0' },
        paths: Object.fromEntries(
          allKinds
            .filter(kind => groupVersionPath(kind) === root)
            .map(kind => [`${collectionPath(kind, '{namespace}')}/{name}`, { patch: patchOperation(kind) }])
        )
      }
    ])
  )
}

function patchOperation({ kind, group }: ObjectKind): object {
  return {
    operationId: `patch${group === '' ? 'Core' : group.replace(/\W/g, '')}V1${kind}`,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map(name => ({
      name,
      in: 'query',
      schema: { type: 'string' }
    })),
    responses: { 200: { description: 'OK' } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, kind, version: 'v1' }
  }
}
