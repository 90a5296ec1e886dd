import { anything, array, boolean, number, openStruct, type Schema, struct, text, textMap } from '../fields/schema.js'

const listByName = (element: Schema): Schema => ({ kind: 'list', key: 'name', element })

/** ObjectMeta v1 meta, with the merge rules of the Kubernetes API reference. */
const metadata = struct({
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: number,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: number,
  labels: textMap,
  annotations: textMap,
  finalizers: { kind: 'set' },
  ownerReferences: {
    kind: 'list',
    key: 'uid',
    element: struct({
      apiVersion: text,
      kind: text,
      name: text,
      uid: text,
      controller: boolean,
      blockOwnerDeletion: boolean
    })
  },
  managedFields: array
})

/** Conditions are merged by their type. */
const conditions: Schema = { kind: 'list', key: 'type', element: openStruct({ type: text }) }

/** Returns the schema of a kind: the given fields and those that all kinds have. */
const object = (fields: Readonly<Record<string, Schema>>): Schema =>
  struct({ apiVersion: text, kind: text, metadata, ...fields })
const withStatus = (spec: Schema): Schema => object({ spec, status: openStruct({ conditions }) })

/** ServiceAccount v1 core. */
export const serviceAccountSchema = object({
  secrets: listByName(
    struct({
      kind: text,
      namespace: text,
      name: text,
      uid: text,
      apiVersion: text,
      resourceVersion: text,
      fieldPath: text
    })
  ),
  imagePullSecrets: array,
  automountServiceAccountToken: boolean
})

/** Namespace v1 core. */
export const namespaceSchema = object({
  spec: struct({ finalizers: array }),
  status: struct({ phase: text, conditions: array })
})

const container = openStruct({
  name: text,
  image: text,
  command: array,
  args: array,
  envFrom: array,
  env: listByName(openStruct({ name: text, value: text })),
  ports: { kind: 'list', key: 'containerPort', element: openStruct({ containerPort: number, name: text }) },
  volumeMounts: {
    kind: 'list',
    key: 'mountPath',
    element: openStruct({ name: text, mountPath: text, readOnly: boolean })
  }
})

/**
 * PodSpec v1 core. Lists all fields that are merged by key (Kubernetes API reference, patch strategy). The sandbox
 * keeps the others as they were sent.
 */
const podSpec = openStruct({
  containers: listByName(container),
  initContainers: listByName(container),
  ephemeralContainers: listByName(container),
  volumes: listByName(openStruct({ name: text })),
  imagePullSecrets: listByName(struct({ name: text })),
  serviceAccountName: text,
  serviceAccount: text,
  automountServiceAccountToken: boolean,
  nodeName: text,
  restartPolicy: text,
  nodeSelector: textMap,
  tolerations: array
})

/** PodTemplateSpec v1 core. */
const podTemplate = struct({ metadata, spec: podSpec })

/** Pod v1 core. */
export const podSchema = withStatus(podSpec)

/** Deployment, ReplicaSet, StatefulSet and DaemonSet v1 apps: kinds that run pods of a template. */
export const replicatedSchema = withStatus(
  openStruct({
    replicas: number,
    selector: anything,
    template: podTemplate,
    serviceName: text,
    minReadySeconds: number,
    revisionHistoryLimit: number,
    paused: boolean,
    progressDeadlineSeconds: number,
    strategy: openStruct(),
    updateStrategy: openStruct()
  })
)

const jobSpec = openStruct({
  selector: anything,
  template: podTemplate,
  parallelism: number,
  completions: number,
  suspend: boolean
})

/** Job v1 batch. */
export const jobSchema = withStatus(jobSpec)

/** CronJob v1 batch. */
export const cronJobSchema = withStatus(
  openStruct({ schedule: text, suspend: boolean, jobTemplate: struct({ metadata, spec: jobSpec }) })
)

/** Service v1 core. */
export const serviceSchema = withStatus(
  openStruct({
    selector: textMap,
    clusterIP: text,
    clusterIPs: array,
    type: text,
    ports: { kind: 'list', key: 'port', element: openStruct({ port: number, name: text }) }
  })
)

/** Endpoints v1 core. */
export const endpointsSchema = object({ subsets: array })

/** EndpointSlice v1 discovery.k8s.io. */
export const endpointSliceSchema = object({ addressType: text, endpoints: array, ports: array })

/** ConfigMap v1 core. */
export const configMapSchema = object({ data: textMap, binaryData: textMap, immutable: boolean })

/** MutatingWebhookConfiguration v1 admissionregistration.k8s.io. */
export const mutatingWebhookConfigurationSchema = object({
  webhooks: listByName(
    openStruct({
      name: text,
      clientConfig: openStruct(),
      failurePolicy: text,
      reinvocationPolicy: text,
      matchPolicy: text,
      sideEffects: text,
      timeoutSeconds: number,
      namespaceSelector: anything,
      objectSelector: anything,
      rules: array,
      admissionReviewVersions: array
    })
  )
})
