import type { JsonObject } from '../json.js'
import type { State } from '../state.js'
import { webhookResources, workloadIdentityWebhook } from './admission/workload-identity-mutation.js'
import { controllerWriteOptions } from './controllers/owned-objects.js'
import { runControllers } from './controllers/run-controllers.js'
import { configMaps, mutatingWebhookConfigurations, services } from './kinds/core-kinds.js'
import { keyOf, type ObjectKind } from './kinds/object-kind.js'
import { deployments } from './kinds/workload-kinds.js'
import { createObject } from './storage/store.js'

/**
 * The namespace of the webhook on AKS (Azure/azure-workload-identity issue 856). The Helm chart uses
 * `azure-workload-identity-system`.
 */
const namespace = 'kube-system'

const service = 'azure-wi-webhook-webhook-service'
const webhookConfiguration = 'azure-wi-webhook-mutating-webhook-configuration'
const labels = {
  app: 'workload-identity-webhook',
  'azure-workload-identity.io/system': 'true',
  'kubernetes.azure.com/managedby': 'aks'
}

/**
 * Installs Azure's webhook, as AKS does with `--enable-workload-identity`. Keeps objects that exist. Names and fields
 * are those of deploy/azure-wi-webhook.yaml in Azure/azure-workload-identity v1.5. The namespace selector is the one
 * that the admissions enforcer of AKS adds to every webhook configuration (Azure/AKS issue 4002, Kong/kong-operator
 * issue 239). The webhook runs as the `default` service account. The real one has its own, but no tool needs it, and it
 * would be in every list.
 */
export function installWorkloadIdentityWebhook(state: State): void {
  for (const [kind, { metadata, ...content }] of manifests(state)) {
    const { namespace: objectNamespace = '', name } = metadata
    if (!kind.objects(state).has(keyOf(kind, { namespace: objectNamespace, name })))
      createObject(state, kind, objectNamespace, { metadata, ...content }, controllerWriteOptions)
  }
  runControllers(state)
}

/**
 * Removes the webhook, as `az aks update --disable-workload-identity` does. Does not change the pods that the webhook
 * mutated.
 */
export function removeWorkloadIdentityWebhook(state: State): void {
  for (const [kind, { metadata }] of manifests(state))
    kind.objects(state).delete(keyOf(kind, { namespace: '', ...metadata }))
  runControllers(state)
}

type Manifest = JsonObject & { readonly metadata: JsonObject & { readonly name: string; readonly namespace?: string } }

/** Returns the objects of the webhook. The configuration is last, because it blocks pods until the webhook is ready. */
function manifests({ tenantId, cloud }: State): readonly (readonly [ObjectKind, Manifest])[] {
  const inNamespace = (name: string): Manifest['metadata'] => ({ name, namespace, labels })
  // The manifest and the metadata of the cloud use different names for the public cloud.
  const environment = cloud.name === 'AzureCloud' ? 'AzurePublicCloud' : cloud.name
  return [
    [
      configMaps,
      {
        metadata: inNamespace(webhookResources.configMap),
        data: { AZURE_ENVIRONMENT: environment, AZURE_TENANT_ID: tenantId }
      }
    ],
    [
      services,
      { metadata: inNamespace(service), spec: { ports: [{ port: 443, targetPort: 9443 }], selector: labels } }
    ],
    [deployments, { metadata: inNamespace(webhookResources.deployment), spec: manager(cloud.audience) }],
    [mutatingWebhookConfigurations, { metadata: { name: webhookConfiguration, labels }, webhooks: [webhook] }]
  ]
}

function manager(audience: string): JsonObject {
  const container = {
    name: 'manager',
    image: 'mcr.microsoft.com/oss/azure/workload-identity/webhook:v1.5.1',
    command: ['/manager'],
    args: ['--log-level=info', `--audience=${audience}`],
    envFrom: [{ configMapRef: { name: webhookResources.configMap } }],
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
