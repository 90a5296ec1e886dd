import * as parse from '../parse.js'
import { type Option, readingVerbs } from './option.js'

/** The service account, the issuer of its tokens, and the tokens themselves. */
export const serviceAccountOptions = {
  serviceAccountName: {
    value: '<name>',
    description: 'Name of the Kubernetes service account',
    parse: parse.serviceAccountName,
    field: { path: 'name', type: 'text', description: 'Name of the service account.' }
  },
  serviceAccountNamespace: {
    value: '<namespace>',
    description: 'Namespace of the Kubernetes service account',
    default: 'default',
    parse: parse.namespace,
    field: { path: 'namespace', type: 'text' }
  },
  serviceAccountIssuerUrl: {
    value: '<url>',
    description: 'Issuer URL of the cluster',
    defaultDescription: 'the issuer that the cluster publishes',
    parse: parse.issuerUrl,
    verbs: readingVerbs,
    field: {
      path: 'issuer',
      type: 'text',
      description: 'Issuer of the cluster; without it the cluster is asked.',
      docs: 'Issuer URL of the cluster; apply refuses it if the cluster publishes another one'
    }
  },
  aksCluster: {
    value: '<name>',
    description: 'AKS cluster whose issuer to read from Azure: its name, or its resource ID',
    heading: 'Cluster:',
    parse: parse.aksCluster,
    verbs: readingVerbs,
    field: {
      path: 'cluster.name',
      type: 'text',
      description: 'Name of the AKS cluster that the service accounts are in.',
      docs: 'Name of the AKS cluster that the service accounts are in'
    },
    alternativeField: {
      path: 'cluster.resourceId',
      type: 'text',
      description: 'Resource id of the AKS cluster, in any subscription.',
      docs: 'Resource ID of that AKS cluster, in any subscription, instead of its name and resource group'
    }
  },
  aksResourceGroup: {
    value: '<group>',
    description: 'Resource group of that AKS cluster',
    heading: 'Cluster:',
    parse: parse.resourceGroup,
    verbs: readingVerbs,
    field: { path: 'cluster.resourceGroup', type: 'text', docs: 'Resource group of that AKS cluster' }
  },
  serviceAccountTokenExpiration: {
    value: '<duration>',
    description: 'Lifetime of the projected token, 1h to 24h: a duration such as `1h30m`, or a number of seconds',
    default: '1h0m0s',
    parse: parse.tokenExpiration,
    field: { path: 'tokenExpiration', type: 'duration', description: '1h to 24h, or seconds.' }
  },
  audience: {
    value: '<audience>',
    description: "Audience of the service account's token",
    defaultDescription: 'the audience of the cloud',
    heading: 'Azure login:',
    parse: parse.audience,
    verbs: readingVerbs,
    field: { path: 'audience', type: 'text' }
  },
  labels: {
    value: '<k=v,…>',
    description: 'Labels to set on the service account',
    heading: 'Cluster:',
    parse: parse.labels,
    field: { path: 'labels', type: 'strings' }
  },
  createNamespace: {
    description: 'Create the namespace if it does not exist',
    heading: 'Cluster:',
    parse: parse.yes,
    verbs: ['apply']
  }
} as const satisfies Record<string, Option>
