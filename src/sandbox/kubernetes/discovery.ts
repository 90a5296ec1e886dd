import { namespaces, serviceAccounts, type ObjectKind } from './kinds.js'

/** `/version`. The version whose behaviour the sandbox follows. */
export const version = {
  major: '1', minor: '32', gitVersion: 'v1.32.0-azwi-sandbox', gitCommit: '', gitTreeState: 'clean', buildDate: '2025-01-01T00:00:00Z',
  goVersion: 'none', compiler: 'none', platform: `${process.platform}/${process.arch}`
}

/** `/api` */
export const apiVersions = { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }

/** `/apis`: no group beside the core one. */
export const apiGroups = { kind: 'APIGroupList', apiVersion: 'v1', groups: [] }

/** `/api/v1` */
export const apiResources = {
  kind: 'APIResourceList',
  groupVersion: 'v1',
  resources: [
    resource(namespaces),
    resource(serviceAccounts),
    {
      name: 'serviceaccounts/token', singularName: '', namespaced: true, group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest',
      verbs: ['create']
    }
  ]
}

function resource({ plural, singular, namespaced, kind, shortName }: ObjectKind): object {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update']
  return { name: plural, singularName: singular, namespaced, kind, verbs, shortNames: [shortName] }
}
