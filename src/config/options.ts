import { authMethods, type AuthMethod } from './auth-methods.js'
import { cloudNames, canonicalCloudName } from './clouds.js'
import * as parse from './parse.js'

/** One flag that takes a value. Its name on the command line is the key in kebab case. */
export interface Option<T> {
  /** The placeholder in the help, and whether it may be given more than once. */
  readonly value: string
  readonly description: string
  /** Turns the text into a value. Throws a UsageError that names flag and value; for a secret, only the flag. */
  readonly parse: (text: string, flag: string) => T
  readonly short?: string
  readonly environment?: string
  readonly default?: string
}

const option = <T>(definition: Option<T>): Option<T> => definition

/** Every flag with a value that more than one verb or phase may take: its help, its environment variable, its default and its rules. */
export const options = {
  serviceAccountName: option({ value: '<name>', description: 'Name of the Kubernetes service account', parse: parse.serviceAccountName }),
  serviceAccountNamespace: option({
    value: '<namespace>', description: 'Namespace of the Kubernetes service account', default: 'default', parse: parse.namespace
  }),
  serviceAccountIssuerUrl: option({
    value: '<url>', description: 'Issuer URL of the cluster (default: what the cluster itself publishes)', parse: parse.issuerUrl
  }),
  serviceAccountTokenExpiration: option({
    value: '<duration>', description: 'Lifetime of the projected token, 1h to 24h: a duration such as 1h30m, or seconds',
    default: '1h0m0s', parse: parse.tokenExpiration
  }),
  aadApplicationName: option({
    value: '<name>', description: 'Display name of the Entra application (default: made from namespace, name and issuer)', parse: parse.displayName
  }),
  aadApplicationClientId: option({ value: '<guid>', description: 'Client id of the Entra application', parse: parse.guid }),
  aadApplicationObjectId: option({ value: '<guid>', description: 'Object id of the Entra application', parse: parse.guid }),
  servicePrincipalName: option({
    value: '<name>', description: 'Display name of the service principal that gets the role (default: that of the application)', parse: parse.displayName
  }),
  servicePrincipalObjectId: option({ value: '<guid>', description: 'Object id of the service principal that gets the role', parse: parse.guid }),
  azureRole: option({ value: '<role>', description: 'Azure role to assign: its name, GUID or resource id', parse: parse.role }),
  azureScope: option({ value: '<scope>', description: 'Scope of the role assignment: a resource id', parse: parse.scope }),
  roleAssignmentId: option({ value: '<id>', description: 'Resource id of one role assignment to delete (default: those of the principal)', parse: parse.roleAssignmentId }),

  azureEnv: option({
    value: '<cloud>', description: `Azure cloud: ${cloudNames.join(', ')}`, default: 'AzurePublicCloud', parse: canonicalCloudName
  }),
  subscriptionId: option({
    value: '<guid>', short: '-s', description: 'Azure subscription (default: the one selected in the Azure CLI)',
    environment: 'AZURE_SUBSCRIPTION_ID', parse: parse.guid
  }),
  tenantId: option({
    value: '<guid>', description: 'Entra tenant to log in to (default: that of the subscription)', environment: 'AZURE_TENANT_ID', parse: parse.guid
  }),
  authMethod: option<AuthMethod>({
    value: '<method>', description: `How to log in to Azure: ${authMethods.join(', ')} (default: cli; client_secret where a client id and a secret are given)`,
    parse: parse.oneOf(authMethods)
  }),
  clientId: option({
    value: '<guid>', description: 'Client id to log in with', environment: 'AZURE_CLIENT_ID', parse: parse.guid
  }),
  clientSecret: option({
    value: '<secret>', description: 'Client secret to log in with; prefer the environment variable', environment: 'AZURE_CLIENT_SECRET', parse: parse.secret
  }),
  certificatePath: option({
    value: '<file>', description: 'PEM file of the certificate to log in with', environment: 'AZURE_CLIENT_CERTIFICATE_PATH', parse: parse.path
  }),
  privateKeyPath: option({ value: '<file>', description: 'PEM file of the private key of that certificate', parse: parse.path })
} as const

export type OptionName = keyof typeof options
/** The type that the option's text is parsed to. */
export type OptionValue<Name extends OptionName> = ReturnType<(typeof options)[Name]['parse']>

/** What every command takes that may log in to Azure. */
export const azureOptions = [
  'azureEnv', 'subscriptionId', 'tenantId', 'authMethod', 'clientId', 'clientSecret', 'certificatePath', 'privateKeyPath'
] as const satisfies readonly OptionName[]

/** `serviceAccountName` → `--service-account-name`. */
export function flagOf(name: OptionName): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
