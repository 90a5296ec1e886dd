import type { SandboxRequest } from '../server/http.js'
import { ArmError } from './errors.js'

/** The resource types that the sandbox has. */
export type ResourceType =
  | 'subscriptions'
  | 'resourceGroups'
  | 'resources'
  | 'roleDefinitions'
  | 'roleAssignments'
  | 'userAssignedIdentities'
  | 'federatedIdentityCredentials'
  | 'managedClusters'
  | 'resourceGraph'

/** The published API versions of each type (azure-rest-api-specs), newest first. */
const published: Readonly<Record<Exclude<ResourceType, 'managedClusters'>, readonly string[]>> = {
  subscriptions: [
    '2022-12-01',
    '2022-09-01',
    '2021-04-01',
    '2021-01-01',
    '2020-01-01',
    '2019-11-01',
    '2019-06-01',
    '2018-06-01',
    '2016-06-01',
    '2014-04-01'
  ],
  resources: [
    '2025-04-01',
    '2025-03-01',
    '2024-11-01',
    '2024-07-01',
    '2024-03-01',
    '2023-07-01',
    '2022-12-01',
    '2022-09-01',
    '2021-04-01',
    '2021-01-01',
    '2020-10-01',
    '2020-06-01',
    '2019-10-01',
    '2019-07-01',
    '2019-05-10',
    '2018-05-01'
  ],
  resourceGroups: [
    '2025-04-01',
    '2024-11-01',
    '2024-07-01',
    '2024-03-01',
    '2023-07-01',
    '2022-12-01',
    '2022-09-01',
    '2021-04-01',
    '2021-01-01',
    '2020-10-01',
    '2020-06-01',
    '2019-10-01',
    '2019-05-10',
    '2019-05-01',
    '2018-05-01',
    '2018-02-01',
    '2017-05-10',
    '2016-09-01',
    '2016-06-01'
  ],
  roleDefinitions: ['2022-05-01-preview', '2022-04-01', '2018-07-01', '2018-01-01-preview', '2015-07-01', '2015-06-01'],
  roleAssignments: [
    '2022-04-01',
    '2022-01-01-preview',
    '2021-04-01-preview',
    '2020-10-01-preview',
    '2020-08-01-preview',
    '2020-04-01-preview',
    '2020-03-01-preview',
    '2018-09-01-preview',
    '2018-07-01',
    '2018-01-01-preview',
    '2017-10-01-preview',
    '2015-07-01'
  ],
  userAssignedIdentities: [
    '2025-05-31-preview',
    '2025-01-31-preview',
    '2024-11-30',
    '2023-07-31-preview',
    '2023-01-31',
    '2022-01-31-preview',
    '2021-09-30-preview',
    '2018-11-30',
    '2015-08-31-preview'
  ],
  federatedIdentityCredentials: [
    '2025-05-31-preview',
    '2025-01-31-preview',
    '2024-11-30',
    '2023-07-31-preview',
    '2023-01-31',
    '2022-01-31-preview'
  ],
  resourceGraph: ['2024-04-01', '2022-10-01', '2021-06-01-preview', '2021-03-01', '2020-04-01-preview', '2019-04-01']
}

/** Returns the API versions of a type, newest first. AKS accepts others too. */
export function versionsOf(type: ResourceType): readonly string[] {
  return type === 'managedClusters' ? ['2025-05-01', '2024-09-01', '2023-11-01'] : published[type]
}

/** Throws a 400 if the request has no `api-version`. */
export function requireApiVersion(request: SandboxRequest): void {
  if ((request.query.get('api-version') ?? '') !== '') return
  throw new ArmError(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.'
  )
}

/**
 * Throws a 400 for an API version that the type does not have. Accepts any date for AKS, which publishes a version
 * every few weeks.
 */
export function checkApiVersion(request: SandboxRequest, type: ResourceType): void {
  const version = request.query.get('api-version') ?? ''
  if (type === 'managedClusters') {
    if (/^20\d\d-\d\d-\d\d(-preview)?$/i.test(version)) return
    throw new ArmError(400, 'InvalidApiVersionParameter', `The api-version '${version}' is invalid.`)
  }
  if (published[type].includes(version.toLowerCase())) return
  throw new ArmError(
    400,
    'InvalidApiVersionParameter',
    `The api-version '${version}' is invalid. The supported versions are '${published[type].join(',')}'.`
  )
}
