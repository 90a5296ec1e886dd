import * as parse from './parse.js'
import { type AuthMethod, authMethods } from './auth-methods.js'
import { canonicalCloudName, cloudNames } from './clouds.js'

/** One flag. Its name on the command line is the key in kebab case. */
export interface Option<T> {
  /** The placeholder in the help; a flag without one is a switch, and its value is true. */
  readonly value?: string
  readonly description: string
  /** What it means to delete, where that is something else. */
  readonly deleteDescription?: string
  /** Turns the text into a value. Throws a UsageError that names flag and value; for a secret, only the flag. */
  readonly parse: (text: string, flag: string) => T
  readonly short?: string
  readonly environment?: string
  readonly default?: string
  /** May be given several times; `Settings.all` has every value. */
  readonly repeatable?: boolean
  /** The switch without which it has no meaning. */
  readonly onlyWith?: 'dryRun'
  /** The heading in the help. */
  readonly group?: Group
}

type Group = 'Azure login:' | 'Cluster:' | 'Managed identity:'

const login: Group = 'Azure login:'
const cluster: Group = 'Cluster:'
const managedIdentity: Group = 'Managed identity:'

const option = <T>(definition: Option<T>): Option<T> => definition

/** Every flag with a value that more than one verb or phase may take: its help, its environment variable, its default and its rules. */
export const options = {
  serviceAccountName: option({
    value: '<name>',
    description: 'Name of the Kubernetes service account',
    parse: parse.serviceAccountName
  }),
  serviceAccountNamespace: option({
    value: '<namespace>',
    description: 'Namespace of the Kubernetes service account',
    default: 'default',
    parse: parse.namespace
  }),
  serviceAccountIssuerUrl: option({
    value: '<url>',
    description: 'Issuer URL of the cluster (default: what the cluster itself publishes)',
    parse: parse.issuerUrl
  }),
  serviceAccountTokenExpiration: option({
    value: '<duration>',
    description: 'Lifetime of the projected token, 1h to 24h: a duration such as 1h30m, or seconds',
    default: '1h0m0s',
    parse: parse.tokenExpiration
  }),
  aadApplicationName: option({
    value: '<name>',
    description: 'Display name of the Entra application (default: made from namespace, name and issuer)',
    parse: parse.displayName
  }),
  aadApplicationClientId: option({
    value: '<guid>',
    description: 'Client id of the Entra application',
    parse: parse.guid
  }),
  aadApplicationObjectId: option({
    value: '<guid>',
    description: 'Object id of the Entra application',
    parse: parse.guid
  }),
  servicePrincipalName: option({
    value: '<name>',
    description: 'Display name of the service principal that gets the role (default: that of the application)',
    parse: parse.displayName,
    deleteDescription:
      'Display name of the service principal whose role assignments to delete (default: that of the application)'
  }),
  servicePrincipalObjectId: option({
    value: '<guid>',
    description: 'Object id of the service principal that gets the role',
    parse: parse.guid,
    deleteDescription: 'Object id of the service principal whose role assignments to delete'
  }),
  azureRole: option({
    value: '<role>',
    description: 'Azure role to assign: its name, GUID or resource id',
    parse: parse.role,
    deleteDescription: 'Azure role whose assignments to delete: its name, GUID or resource id (default: every role)'
  }),
  azureScope: option({
    value: '<scope>',
    description: 'Scope of the role assignment: a resource id, rg:<group>, or sub: for the subscription',
    parse: parse.scope,
    deleteDescription:
      'Scope whose role assignments to delete: a resource id, rg:<group>, or sub: for the subscription (default: every scope)'
  }),
  grant: option({
    value: '<role>=<scope>',
    description: 'A role and its scope in one, as often as needed: --grant "Reader=rg:my-group"',
    repeatable: true,
    parse: parse.grant,
    deleteDescription:
      'A role and its scope whose assignment to delete, as often as needed: --grant "Reader=rg:my-group"'
  }),
  roleAssignmentId: option({
    value: '<id>',
    description: 'Resource id of one role assignment to delete (default: those of the principal)',
    parse: parse.roleAssignmentId
  }),

  managedIdentityName: option({
    value: '<name>',
    description: 'Name of the user-assigned managed identity to use in place of an application',
    group: managedIdentity,
    parse: parse.managedIdentityName
  }),
  managedIdentityResourceGroup: option({
    value: '<group>',
    description: 'Its resource group',
    group: managedIdentity,
    parse: parse.resourceGroup
  }),
  managedIdentityLocation: option({
    value: '<location>',
    description: 'Where it is made (default: the location of its group)',
    group: managedIdentity,
    parse: parse.location
  }),
  managedIdentityTags: option({
    value: '<k=v,…>',
    description: 'Tags that it is made with',
    group: managedIdentity,
    parse: parse.tags
  }),
  managedIdentityResourceId: option({
    value: '<id>',
    description: 'Resource id of an existing managed identity, in place of all these',
    group: managedIdentity,
    parse: parse.managedIdentityId
  }),

  kubeconfig: option({
    value: '<file>',
    description: "Kubeconfig file (default: KUBECONFIG, ~/.kube/config, or the pod's own service account)",
    group: cluster,
    parse: parse.path
  }),
  context: option({
    value: '<name>',
    description: 'Context of the kubeconfig (default: the current one)',
    group: cluster,
    parse: parse.nonEmpty
  }),
  labels: option({
    value: '<k=v,…>',
    description: 'Labels to put on the service account',
    group: cluster,
    parse: parse.labels
  }),
  createNamespace: option({
    description: 'Make the namespace where it does not exist',
    group: cluster,
    parse: parse.yes
  }),
  aksCluster: option({
    value: '<name>',
    description: 'AKS cluster whose issuer to read from Azure',
    group: cluster,
    parse: parse.aksCluster
  }),
  aksResourceGroup: option({
    value: '<group>',
    description: 'Resource group of that AKS cluster',
    group: cluster,
    parse: parse.resourceGroup
  }),

  timeout: option({
    value: '<duration>',
    description: 'How long the whole may take, waits included',
    default: '5m',
    parse: parse.timeout
  }),
  concurrency: option({
    value: '<n>',
    description: 'How many requests may be under way at once; throttling lowers it',
    default: '8',
    parse: parse.concurrency
  }),
  dryRun: option({ description: 'Say what would be done, and do nothing', parse: parse.yes }),
  yes: option({ description: 'Delete without asking', parse: parse.yes }),
  purge: option({
    description: 'Also remove the deleted application, which Entra otherwise keeps for 30 days',
    parse: parse.yes
  }),
  detailedExitcode: option({
    description: 'With --dry-run: exit 2 where something would be changed',
    onlyWith: 'dryRun',
    parse: parse.yes
  }),
  wait: option({ description: "Wait until Entra takes the service account's own token", parse: parse.yes }),

  azureEnv: option({
    value: '<cloud>',
    description: `Azure cloud: ${cloudNames.join(', ')} (default: the Azure CLI's, else the public one)`,
    group: login,
    parse: canonicalCloudName
  }),
  azureEnvMetadataUrl: option({
    value: '<url>',
    description: 'Metadata document of any other cloud',
    environment: 'ARM_CLOUD_METADATA_URL',
    group: login,
    parse: parse.url
  }),
  audience: option({
    value: '<audience>',
    description: "Audience of the service account's token (default: that of the cloud)",
    group: login,
    parse: parse.audience
  }),
  subscriptionId: option({
    value: '<guid>',
    short: '-s',
    description: 'Azure subscription (default: the one selected in the Azure CLI)',
    environment: 'AZURE_SUBSCRIPTION_ID',
    group: login,
    parse: parse.guid
  }),
  tenantId: option({
    value: '<guid>',
    description: 'Entra tenant to log in to (default: that of the subscription)',
    environment: 'AZURE_TENANT_ID',
    group: login,
    parse: parse.guid
  }),
  authMethod: option<AuthMethod>({
    value: '<method>',
    description: `${authMethods.join(', ')} (default: cli; client_secret where a client id and a secret are given)`,
    group: login,
    parse: parse.oneOf(authMethods)
  }),
  clientId: option({
    value: '<guid>',
    description: 'Client id to log in with',
    environment: 'AZURE_CLIENT_ID',
    group: login,
    parse: parse.guid
  }),
  clientSecretFile: option({
    value: '<file>',
    description: 'File that holds the client secret',
    group: login,
    parse: parse.path
  }),
  clientSecret: option({
    value: '<secret>',
    description: 'Client secret to log in with; prefer the environment variable',
    environment: 'AZURE_CLIENT_SECRET',
    group: login,
    parse: parse.secret
  }),
  certificatePath: option({
    value: '<file>',
    description: 'PEM file of the certificate to log in with',
    environment: 'AZURE_CLIENT_CERTIFICATE_PATH',
    group: login,
    parse: parse.path
  }),
  privateKeyPath: option({
    value: '<file>',
    description: 'PEM file of the private key of that certificate',
    group: login,
    parse: parse.path
  })
} as const

export type OptionName = keyof typeof options
/** The type that the option's text is parsed to. */
export type OptionValue<Name extends OptionName> = ReturnType<(typeof options)[Name]['parse']>

/** What every command takes that may log in to Azure. */
export const azureOptions = [
  'azureEnv',
  'azureEnvMetadataUrl',
  'subscriptionId',
  'tenantId',
  'authMethod',
  'clientId',
  'clientSecret',
  'clientSecretFile',
  'certificatePath',
  'privateKeyPath'
] as const satisfies readonly OptionName[]

/** What every flow takes, whatever its phases. */
export const flowOptions = {
  create: ['timeout', 'dryRun', 'detailedExitcode', 'wait'],
  delete: ['timeout', 'dryRun', 'detailedExitcode', 'yes']
} as const satisfies Record<string, readonly OptionName[]>

/** Which cluster is meant. */
export const clusterOptions = ['kubeconfig', 'context'] as const satisfies readonly OptionName[]

/** `serviceAccountName` → `--service-account-name`. */
export function flagOf(name: OptionName): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
