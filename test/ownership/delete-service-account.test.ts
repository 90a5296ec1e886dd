import { describe, it } from 'vitest'
import { addAccount, addConnection, addIdentity, addTrust, kinds, writeAccount } from './objects.js'
import { play, plainDelete, type Scenario, stripped, useStage } from './stage.js'

const stage = useStage()
const account = 'service account default/app'
const clientIdKey = 'azure.workload.identity/client-id'

describe.each(kinds)('the service account that delete finds, %s', kind => {
  const id = `${kind} app-id`
  const gone = [`- ${id}`, `- role Reader of ${id} at rg:azwi-sandbox`]
  const hint = kind === 'managed identity' ? '-azwi/managed-identity, ' : ''
  const isStripped = `~ ${account}: ${[...`${hint}${stripped}`.split(', '), '-app.kubernetes.io/managed-by'].toSorted().join(', ')}`
  const write = (manager: string, content: object, apply = false) =>
    writeAccount(stage.test.sandbox, manager, content, { apply })
  const arranged = (change: () => void | Promise<void>) => async () => {
    addConnection(stage.state, kind)
    await change()
  }
  const metadataOf = () => stage.state.cluster.serviceAccounts.get('default/app')!.metadata

  it.each<Scenario>([
    {
      name: 'is stripped and kept if Argo CD applied a label with server-side apply',
      arrange: arranged(() =>
        write('argocd-controller', { metadata: { labels: { 'app.kubernetes.io/instance': 'shop' } } }, true)
      ),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept if Flux applied it without a label',
      arrange: arranged(() => write('kustomize-controller', { automountServiceAccountToken: true }, true)),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept if somebody labelled it',
      arrange: arranged(() => write('kubectl-label', { metadata: { labels: { team: 'blue' } } })),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept if somebody annotated it',
      arrange: arranged(() => write('kubectl-annotate', { metadata: { annotations: { note: 'x' } } })),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept with the annotations of Helm',
      arrange: arranged(() =>
        write('helm', {
          metadata: {
            annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'default' }
          }
        })
      ),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept with a pull secret that a person created',
      arrange: arranged(() => write('kubectl-patch', { imagePullSecrets: [{ name: 'registry' }] })),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept with a pull secret whose name is like a generated one',
      arrange: arranged(() => write('kubectl-patch', { imagePullSecrets: [{ name: 'app-dockercfg-12abc' }] })),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is deleted with the token of the controller of Kubernetes',
      arrange: arranged(() => write('kube-controller-manager', { secrets: [{ name: 'app-token-x7k2p' }] })),
      status: 0,
      changes: [...gone, `- ${account}`]
    },
    ...['openshift-controller-manager', 'openshift.io/image-registry-pull-secrets_service-account-controller'].map(
      (manager): Scenario => ({
        name: `is deleted with the secrets and the annotation of OpenShift: ${manager}`,
        arrange: arranged(() =>
          write(
            manager,
            {
              metadata: { annotations: { 'openshift.io/internal-registry-pull-secret-ref': 'app-dockercfg-x7k2p' } },
              secrets: [{ name: 'app-dockercfg-x7k2p' }],
              imagePullSecrets: [{ name: 'app-dockercfg-x7k2p' }]
            },
            manager.includes('/')
          )
        ),
        status: 0,
        changes: [...gone, `- ${account}`]
      })
    ),
    {
      name: 'is stripped and kept if another controller added a secret',
      arrange: arranged(() => write('my-controller', { secrets: [{ name: 'app-token-x7k2p' }] }, true)),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept without records of its managers',
      arrange: arranged(() => {
        metadataOf().managedFields = []
      }),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept with an owner',
      arrange: arranged(() => {
        metadataOf().ownerReferences = [{ apiVersion: 'v1', kind: 'Release', name: 'shop', uid: '1' }]
      }),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept with a finalizer',
      arrange: arranged(() => {
        metadataOf().finalizers = ['example.com/keep']
      }),
      status: 0,
      changes: [...gone, isStripped]
    },
    {
      name: 'is stripped and kept if a person created it and azwi annotated it',
      arrange: () => {
        const identity = addIdentity(stage.state, kind, 'azwi')
        addTrust(stage.state, identity, 'azwi')
        const { metadata } = addAccount(stage.state, identity, 'azwi')
        delete metadata.labels
      },
      status: 0,
      changes: [`- ${id}`, `~ ${account}: ${[...`${hint}${stripped}`.split(', ')].toSorted().join(', ')}`]
    },
    {
      name: 'keeps the value of a label of azwi that another manager applies too',
      arrange: arranged(() =>
        write('argocd-controller', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'azwi' } } }, true)
      ),
      status: 0,
      changes: [...gone, isStripped.replace('-app.kubernetes.io/managed-by, ', '')]
    },
    {
      name: 'keeps the annotation of the tenant that another manager applies too',
      arrange: arranged(() =>
        write(
          'argocd-controller',
          { metadata: { annotations: { 'azure.workload.identity/tenant-id': stage.state.tenantId } } },
          true
        )
      ),
      status: 0,
      changes: [...gone, isStripped.replace(', -tenant-id', '')]
    },
    ...['argocd-controller', 'kustomize-controller', 'helm', 'kubectl-client-side-apply', 'terraform'].flatMap(
      (manager): Scenario[] => {
        const co = () =>
          write(manager, { metadata: { annotations: { [clientIdKey]: metadataOf().annotations![clientIdKey] } } }, true)
        return [
          {
            name: `stops delete if ${manager} owns the client ID`,
            arrange: arranged(co),
            status: 1,
            changes: [],
            says: new RegExp(`${manager} owns the client ID: remove it from the manifest`)
          },
          {
            name: `keeps the client ID of ${manager} with --force`,
            arrange: arranged(co),
            line: () => [...plainDelete, '--force'],
            status: 0,
            changes: [...gone, isStripped.replace(', -client-id', '')]
          }
        ]
      }
    ),
    {
      name: 'is kept if it is the default service account of its namespace',
      arrange: () => {
        const identity = addIdentity(stage.state, kind, 'azwi')
        addTrust(stage.state, identity, 'azwi', { account: 'default' })
        addAccount(stage.state, identity, 'azwi', { account: 'default' })
      },
      line: () => ['sa', 'delete', '--service-account-name', 'default'],
      status: 0,
      changes: [`- ${id}`, isStripped.replace('default/app', 'default/default')]
    }
  ])('$name', scenario => play(stage, scenario))
})

describe('the field managers of the Go azwi', () => {
  it.each(['azwi', 'azwi.exe', 'azwi-linux-amd64', 'azwi-darwin-arm64', 'azwi-windows-amd64'])(
    'let delete remove a service account: %s',
    manager =>
      play(stage, {
        name: '',
        arrange: () => {
          const identity = addIdentity(stage.state, 'application', 'the Go azwi')
          addTrust(stage.state, identity, 'the Go azwi')
          addAccount(stage.state, identity, 'the Go azwi').metadata.managedFields[0]!.manager = manager
        },
        status: 0,
        changes: ['- application app-id', `- ${account}`]
      })
  )

  it.each(['azwi-copy', 'my-azwi', 'azwi.exe.bak', 'AZWI', 'azwictl'])('do not include %s', manager =>
    play(stage, {
      name: '',
      arrange: () => {
        const identity = addIdentity(stage.state, 'application', 'the Go azwi')
        addTrust(stage.state, identity, 'the Go azwi')
        addAccount(stage.state, identity, 'the Go azwi').metadata.managedFields[0]!.manager = manager
      },
      status: 1,
      changes: []
    })
  )
})
