import { authMethods } from '../auth-methods.js'
import { canonicalCloudName, cloudNames } from '../clouds.js'
import * as parse from '../parse.js'
import { everyVerb, type Option } from './option.js'

const heading = 'Azure login:'
const verbs = everyVerb
const code = (words: readonly string[]): string => words.map(word => `\`${word}\``).join(', ')

/** The Azure cloud, and the login to it. */
export const loginOptions = {
  azureEnv: {
    value: '<cloud>',
    values: cloudNames,
    description: `Azure cloud: ${code(cloudNames)}`,
    defaultDescription:
      'the cloud of `AZURE_AUTHORITY_HOST`, else the one selected in the Azure CLI, else the public cloud',
    heading,
    parse: canonicalCloudName,
    verbs
  },
  azureEnvMetadataUrl: {
    value: '<url>',
    description: 'URL of the metadata document of any other cloud',
    environment: 'ARM_CLOUD_METADATA_URL',
    heading,
    parse: parse.url,
    verbs
  },
  subscriptionId: {
    value: '<guid>',
    short: '-s',
    description: 'Azure subscription',
    defaultDescription: 'the subscription selected in the Azure CLI',
    environment: 'AZURE_SUBSCRIPTION_ID',
    heading,
    parse: parse.guid,
    verbs
  },
  tenantId: {
    value: '<guid>',
    description: 'Entra tenant to log in to',
    defaultDescription: 'the tenant of the subscription',
    environment: 'AZURE_TENANT_ID',
    heading,
    parse: parse.guid,
    verbs
  },
  authMethod: {
    value: '<method>',
    values: authMethods,
    description: `How to log in: ${code(authMethods)}`,
    defaultDescription: '`cli`, or `client_secret` if a client ID and a secret are given',
    heading,
    parse: parse.oneOf(authMethods),
    verbs
  },
  clientId: {
    value: '<guid>',
    description: 'Client ID to log in with',
    environment: 'AZURE_CLIENT_ID',
    heading,
    parse: parse.guid,
    verbs
  },
  clientSecret: {
    value: '<secret>',
    description: 'Client secret to log in with; prefer the environment variable or a file',
    environment: 'AZURE_CLIENT_SECRET',
    heading,
    parse: parse.secret,
    verbs
  },
  clientSecretFile: {
    value: '<file>',
    description: 'File that contains the client secret',
    heading,
    parse: parse.path,
    verbs
  },
  certificatePath: {
    value: '<file>',
    description: 'PEM file with the certificate to log in with',
    environment: 'AZURE_CLIENT_CERTIFICATE_PATH',
    heading,
    parse: parse.path,
    verbs
  },
  privateKeyPath: {
    value: '<file>',
    description: 'PEM file with the private key of that certificate, if the certificate file does not contain it',
    heading,
    parse: parse.path,
    verbs
  }
} as const satisfies Record<string, Option>
