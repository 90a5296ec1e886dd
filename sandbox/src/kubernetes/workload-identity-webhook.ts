import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { keyOf, type ObjectKind } from './kinds/object-kind.js'
import { configMaps, mutatingWebhookConfigurations, services } from './kinds/core-kinds.js'
import { createObject } from './storage/store.js'
import { deployments } from './kinds/workload-kinds.js'
import { byController } from './controllers/owned-objects.js'
import { settle } from './controllers/run-controllers.js'
import { configuration, workloadIdentityWebhook } from './admission/workload-identity-mutation.js'

/** Where AKS runs it (Azure/azure-workload-identity issue 856); the helm chart's own namespace is `azure-workload-identity-system`. */
const namespace = 'kube-system'

const service = 'azure-wi-webhook-webhook-service'
const webhookConfiguration = 'azure-wi-webhook-mutating-webhook-configuration'
const labels = {
  app: 'workload-identity-webhook',
  'azure-workload-identity.io/system': 'true',
  'kubernetes.azure.com/managedby': 'aks'
}

/**
 * Installs Azure's webhook as AKS does with `--enable-workload-identity`; what is there already stays. Names and fields are those of
 * Azure/azure-workload-identity, deploy/azure-wi-webhook.yaml, v1.5; the namespace selector is what AKS's admissions enforcer adds to every
 * webhook configuration (Azure/AKS issue 4002, Kong/kong-operator issue 239). It runs as the namespace's `default` account: the real one has an
 * account of its own, which no tool looks at and every list of accounts would show.
 */
export function installWorkloadIdentityWebhook(state: State): void {
  for (const [kind, { metadata, ...content }] of manifests(state)) {
    const { namespace: own = '', name } = metadata
    if (!kind.objects(state).has(keyOf(kind, { namespace: own, name })))
      createObject(state, kind, own, { metadata, ...content }, byController)
  }
  settle(state)
}

/** Takes it away again, as `az aks update --disable-workload-identity` does. Pods that it has changed stay as they are. */
export function removeWorkloadIdentityWebhook(state: State): void {
  for (const [kind, { metadata }] of manifests(state))
    kind.objects(state).delete(keyOf(kind, { namespace: '', ...metadata }))
  settle(state)
}

type Manifest = JsonObject & { readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string } }

/** The configuration comes last: it holds up the pods of everyone else. */
function manifests({ tenantId, cloud }: State): readonly (readonly [ObjectKind, Manifest])[] {
  const inNamespace = (name: string): Manifest['metadata'] => ({ name, namespace, labels })
  // The manifest's name for what the cloud's metadata call AzureCloud.
  const environment = cloud.name === 'AzureCloud' ? 'AzurePublicCloud' : cloud.name
  return [
    [
      configMaps,
      {
        metadata: inNamespace(configuration.configMap),
        data: { AZURE_ENVIRONMENT: environment, AZURE_TENANT_ID: tenantId }
      }
    ],
    [
      services,
      { metadata: inNamespace(service), spec: { ports: [{ port: 443, targetPort: 9443 }], selector: labels } }
    ],
    [deployments, { metadata: inNamespace(configuration.deployment), spec: manager(cloud.audience) }],
    [mutatingWebhookConfigurations, { metadata: { name: webhookConfiguration, labels }, webhooks: [webhook] }]
  ]
}

function manager(audience: string): JsonObject {
  const container = {
    name: 'manager',
    image: 'mcr.microsoft.com/oss/azure/workload-identity/webhook:v1.5.1',
    command: ['/manager'],
    args: ['--log-level=info', `--audience=${audience}`],
    envFrom: [{ configMapRef: { name: configuration.configMap } }],
    ports: [{ containerPort: 9443, name: 'webhook-server', protocol: 'TCP' }]
  }
  const template = {
    metadata: { labels },
    spec: { priorityClassName: 'system-cluster-critical', containers: [container] }
  }
  return { replicas: 2, selector: { matchLabels: labels }, template }
}

const webhook = {
  name: workloadIdentityWebhook,
  admissionReviewVersions: ['v1', 'v1beta1'],
  clientConfig: { service: { name: service, namespace, path: '/mutate-v1-pod', port: 443 } },
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  reinvocationPolicy: 'IfNeeded',
  sideEffects: 'None',
  timeoutSeconds: 10,
  namespaceSelector: {
    matchExpressions: [
      { key: 'control-plane', operator: 'NotIn', values: ['true'] },
      { key: 'kubernetes.azure.com/managedby', operator: 'NotIn', values: ['aks'] }
    ]
  },
  objectSelector: { matchLabels: { 'azure.workload.identity/use': 'true' } },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }]
}
