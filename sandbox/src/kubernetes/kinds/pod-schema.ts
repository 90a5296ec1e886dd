import { array, flag, metadata, number, open, type Schema, struct, text, texts } from '../fields/schema.js'

const named = (element: Schema): Schema => ({ kind: 'list', key: 'name', element })

const container = open({
  name: text,
  image: text,
  command: array,
  args: array,
  envFrom: array,
  env: named(open({ name: text, value: text })),
  ports: { kind: 'list', key: 'containerPort', element: open({ containerPort: number, name: text }) },
  volumeMounts: { kind: 'list', key: 'mountPath', element: open({ name: text, mountPath: text, readOnly: flag }) }
})

/** PodSpec v1 core: what is merged by key is written down (Kubernetes API reference, patch strategy); the rest is kept as it was sent. */
export const podSpec = open({
  containers: named(container),
  initContainers: named(container),
  ephemeralContainers: named(container),
  volumes: named(open({ name: text })),
  imagePullSecrets: named(struct({ name: text })),
  serviceAccountName: text,
  serviceAccount: text,
  automountServiceAccountToken: flag,
  nodeName: text,
  restartPolicy: text,
  nodeSelector: texts,
  tolerations: array
})

/** PodTemplateSpec v1 core. */
export const podTemplate = struct({ metadata, spec: podSpec })

/** Conditions are merged by their type. */
export const conditions: Schema = { kind: 'list', key: 'type', element: open({ type: text }) }
