import { conditions, podSpec, podTemplate } from './pod-schema.js'
import { anything, array, flag, metadata, number, open, type Schema, struct, text, texts } from '../fields/schema.js'

/** An object of a kind: its own fields beside those that every object has. */
const object = (fields: Readonly<Record<string, Schema>>): Schema =>
  struct({ apiVersion: text, kind: text, metadata, ...fields })
const withStatus = (spec: Schema): Schema => object({ spec, status: open({ conditions }) })

export const podSchema = withStatus(podSpec)

/** Deployments, replica sets, stateful sets, daemon sets: so many pods of a template. */
export const replicatedSchema = withStatus(
  open({
    replicas: number,
    selector: anything,
    template: podTemplate,
    serviceName: text,
    minReadySeconds: number,
    revisionHistoryLimit: number,
    paused: flag,
    progressDeadlineSeconds: number,
    strategy: open(),
    updateStrategy: open()
  })
)

const jobSpec = open({
  selector: anything,
  template: podTemplate,
  parallelism: number,
  completions: number,
  suspend: flag
})

export const jobSchema = withStatus(jobSpec)

export const cronJobSchema = withStatus(
  open({ schedule: text, suspend: flag, jobTemplate: struct({ metadata, spec: jobSpec }) })
)

export const serviceSchema = withStatus(
  open({
    selector: texts,
    clusterIP: text,
    clusterIPs: array,
    type: text,
    ports: { kind: 'list', key: 'port', element: open({ port: number, name: text }) }
  })
)

export const endpointsSchema = object({ subsets: array })

export const endpointSliceSchema = object({ addressType: text, endpoints: array, ports: array })

export const configMapSchema = object({ data: texts, binaryData: texts, immutable: flag })

export const mutatingWebhookConfigurationSchema = object({
  webhooks: {
    kind: 'list',
    key: 'name',
    element: open({
      name: text,
      clientConfig: open(),
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
  }
})
