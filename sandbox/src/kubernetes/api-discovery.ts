import { allKinds } from './kinds/all-kinds.js'
import type { ObjectKind } from './kinds/object-kind.js'

/** The document `/version`. The sandbox behaves like this version of Kubernetes. */
export const version = {
  major: '1',
  minor: '32',
  gitVersion: 'v1.32.0-azwi-sandbox',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2025-01-01T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`
}

const serviceAccountToken = {
  name: 'serviceaccounts/token',
  singularName: '',
  namespaced: true,
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  verbs: ['create']
}

const accessReview = {
  name: 'selfsubjectaccessreviews',
  singularName: 'selfsubjectaccessreview',
  namespaced: false,
  kind: 'SelfSubjectAccessReview',
  verbs: ['create']
}

/** The resources of each group and version. */
const resourcesByVersion = new Map<string, object[]>([
  ['v1', [serviceAccountToken]],
  ['authorization.k8s.io/v1', [accessReview]]
])
for (const kind of allKinds)
  resourcesByVersion.set(kind.apiVersion, [...resourcesOf(kind), ...(resourcesByVersion.get(kind.apiVersion) ?? [])])

/** All groups except the core group, which has no entry in `/apis`. */
const groups = [...resourcesByVersion.keys()]
  .filter(groupVersion => groupVersion !== 'v1')
  .map(groupVersion => {
    const [name = ''] = groupVersion.split('/')
    const preferredVersion = { groupVersion, version: 'v1' }
    return { name, versions: [preferredVersion], preferredVersion }
  })

/** The documents of the discovery API, by path (kubernetes.io, The Kubernetes API, Unaggregated discovery). */
export const discovery: Readonly<Record<string, object>> = {
  '/version': version,
  '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups },
  ...Object.fromEntries(groups.map(group => [`/apis/${group.name}`, { kind: 'APIGroup', apiVersion: 'v1', ...group }])),
  ...Object.fromEntries(
    [...resourcesByVersion].map(([groupVersion, resources]) => [
      groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`,
      { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources }
    ])
  )
}

function resourcesOf({ plural, singular, namespaced, kind, shortNames, hasStatus, hasScale }: ObjectKind): object[] {
  const verbs = ['create', 'delete', 'get', 'list', 'patch', 'update']
  const subresource = { singularName: '', namespaced, verbs: ['get', 'patch', 'update'] }
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      shortNames,
      ...(hasStatus ? { categories: ['all'] } : {})
    },
    ...(hasStatus ? [{ ...subresource, name: `${plural}/status`, kind }] : []),
    ...(hasScale
      ? [{ ...subresource, name: `${plural}/scale`, group: 'autoscaling', version: 'v1', kind: 'Scale' }]
      : [])
  ]
}
