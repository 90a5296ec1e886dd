import * as parse from '../parse.js'
import { everyVerb, type Option } from './option.js'

/** The cluster to connect to. */
export const kubeconfigOptions = {
  kubeconfig: {
    value: '<file>',
    description: 'Kubeconfig file',
    defaultDescription: "`KUBECONFIG`, `~/.kube/config`, or the pod's own service account",
    heading: 'Cluster:',
    parse: parse.path,
    verbs: everyVerb
  },
  context: {
    value: '<name>',
    description: 'Context of the kubeconfig',
    defaultDescription: 'the current context',
    heading: 'Cluster:',
    parse: parse.nonEmpty,
    verbs: everyVerb
  }
} as const satisfies Record<string, Option>
