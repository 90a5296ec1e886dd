import type { PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'
import { AzwiError } from '../errors.js'

/** The successful responses of a kind of request. A service can also answer with an error, which the clients handle. */
interface Expectation {
  readonly method: string
  /** Matches the path of the URL, without the query. */
  readonly path: RegExp
  /** The successful statuses whose body must have the fields. */
  readonly statuses: readonly number[]
  /** The successful statuses without a body of interest: it is empty, or a JSON object. */
  readonly emptyStatuses?: readonly number[]
  /** Whether the body of `statuses` can also be empty. */
  readonly canBeEmpty?: boolean
  /** Paths of fields that the JSON body must have. `[]` at the end requires a list. */
  readonly fields: readonly string[]
}

const graph = '^/(v1\\.0|beta)'
const arm = '^/+(subscriptions|providers)/.*'
const managedIdentity = ['id', 'name', 'properties.clientId', 'properties.principalId']
const kubernetesObject = ['kind', 'metadata.name']

/**
 * What the services answer to the requests of azwi, from the most specific request to the most general one. A proxy or a captive portal can answer
 * 200 with a page of its own, and an empty list or an "OK" of the wrong kind must not pass for the answer of the service.
 */
const expectations: readonly Expectation[] = [
  // Entra
  { method: 'POST', path: /\/oauth2\/v2\.0\/token$/, statuses: [200], fields: ['access_token'] },
  { method: 'GET', path: /\/\.well-known\/openid-configuration$/, statuses: [200], fields: ['issuer'] },
  // Microsoft Graph
  { method: 'POST', path: new RegExp(`${graph}/\\$batch$`), statuses: [200], fields: ['responses[]'] },
  {
    method: 'PATCH',
    path: new RegExp(`${graph}/applications\\(uniqueName=`),
    statuses: [200, 201],
    emptyStatuses: [204],
    fields: ['id', 'appId']
  },
  {
    method: 'PATCH',
    path: new RegExp(`${graph}/applications/[^/]+/federatedIdentityCredentials`),
    statuses: [200, 201],
    emptyStatuses: [204],
    fields: ['id']
  },
  { method: 'POST', path: new RegExp(`${graph}/servicePrincipals$`), statuses: [201], fields: ['id', 'appId'] },
  {
    method: 'GET',
    path: new RegExp(`${graph}/(applications|servicePrincipals)$`),
    statuses: [200],
    fields: ['value[]']
  },
  {
    method: 'GET',
    path: new RegExp(`${graph}/(applications|servicePrincipals)/[^/]+/[^/]+$`),
    statuses: [200],
    fields: ['value[]']
  },
  { method: 'GET', path: new RegExp(`${graph}/directory/deletedItems/`), statuses: [200], fields: ['value[]'] },
  { method: 'GET', path: new RegExp(`${graph}/applications\\(uniqueName=`), statuses: [200], fields: ['id', 'appId'] },
  {
    method: 'GET',
    path: new RegExp(`${graph}/(applications|servicePrincipals)/[^/]+$`),
    statuses: [200],
    fields: ['id', 'appId']
  },
  { method: 'DELETE', path: new RegExp(`${graph}/`), statuses: [], emptyStatuses: [204], fields: [] },
  // Azure Resource Manager
  { method: 'GET', path: /^\/metadata\/endpoints$/, statuses: [200], fields: [] },
  { method: 'GET', path: /^\/+subscriptions$/, statuses: [200], fields: ['value[]'] },
  { method: 'GET', path: /^\/+subscriptions\/[^/]+$/, statuses: [200], fields: ['subscriptionId'] },
  {
    method: 'GET',
    path: /^\/+subscriptions\/[^/]+\/resourcegroups\/[^/]+$/i,
    statuses: [200],
    fields: ['id', 'name', 'location']
  },
  {
    method: 'GET',
    path: new RegExp(
      `${arm}/providers/[^/]+/(roleAssignments|roleDefinitions|userAssignedIdentities|managedClusters)$`,
      'i'
    ),
    statuses: [200],
    fields: ['value[]']
  },
  {
    method: 'GET',
    path: new RegExp(`${arm}/federatedIdentityCredentials$`, 'i'),
    statuses: [200],
    fields: ['value[]']
  },
  {
    method: 'GET',
    path: /^\/+providers\/[^/]+\/(roleAssignments|roleDefinitions)$/i,
    statuses: [200],
    fields: ['value[]']
  },
  {
    method: 'PUT',
    path: new RegExp(`${arm}/federatedIdentityCredentials/[^/]+$`, 'i'),
    statuses: [200, 201],
    fields: ['id', 'properties.issuer', 'properties.subject']
  },
  {
    method: 'PUT',
    path: new RegExp(`${arm}/userAssignedIdentities/[^/]+$`, 'i'),
    statuses: [200, 201],
    fields: managedIdentity
  },
  {
    method: 'GET',
    path: new RegExp(`${arm}/userAssignedIdentities/[^/]+$`, 'i'),
    statuses: [200],
    fields: managedIdentity
  },
  {
    method: 'PUT',
    path: new RegExp(`${arm}/roleAssignments/[^/]+$`, 'i'),
    statuses: [200, 201],
    fields: ['id', 'name', 'properties.principalId', 'properties.roleDefinitionId']
  },
  {
    method: 'GET',
    path: new RegExp(`${arm}/roleAssignments/[^/]+$`, 'i'),
    statuses: [200],
    fields: ['id', 'properties.principalId']
  },
  {
    method: 'GET',
    path: new RegExp(`${arm}/roleDefinitions/[^/]+$`, 'i'),
    statuses: [200],
    fields: ['id', 'properties.roleName']
  },
  { method: 'GET', path: new RegExp(`${arm}/managedClusters/[^/]+$`, 'i'), statuses: [200], fields: ['id', 'name'] },
  {
    method: 'DELETE',
    path: new RegExp(`${arm}/roleAssignments/[^/]+$`, 'i'),
    statuses: [200],
    emptyStatuses: [204],
    fields: ['id']
  },
  {
    method: 'POST',
    path: new RegExp(`${arm}/userAssignedIdentities/[^/]+/listAssociatedResources$`, 'i'),
    statuses: [200],
    fields: ['value[]']
  },
  {
    method: 'POST',
    path: /^\/+providers\/Microsoft\.ResourceGraph\/resources$/i,
    statuses: [200],
    fields: ['data[]']
  },
  {
    method: 'DELETE',
    path: new RegExp(arm),
    statuses: [200],
    canBeEmpty: true,
    emptyStatuses: [202, 204],
    fields: ['id']
  },
  // Kubernetes. Lists end in a kind in the plural; the paths of objects have one more segment.
  { method: 'GET', path: /\/openid\/v1\/jwks$/, statuses: [200], fields: ['keys[]'] },
  { method: 'POST', path: /\/serviceaccounts\/[^/]+\/token$/, statuses: [200, 201], fields: ['status.token'] },
  { method: 'POST', path: /^\/?(.*\/)?api\/v1\/namespaces$/, statuses: [200, 201], fields: kubernetesObject },
  {
    method: 'GET',
    path: /\/(api\/v1|apis\/[^/]+\/[^/]+)\/namespaces\/[^/]+(\/[^/]+\/[^/]+)?$/,
    statuses: [200],
    fields: ['metadata.name']
  },
  {
    method: 'GET',
    path: /\/(api\/v1|apis\/[^/]+\/[^/]+)\/(namespaces\/[^/]+\/)?[^/]+$/,
    statuses: [200],
    fields: ['items[]']
  },
  {
    method: 'PATCH',
    path: /\/namespaces\/[^/]+\/serviceaccounts\/[^/]+$/,
    statuses: [200, 201],
    fields: kubernetesObject
  },
  { method: 'DELETE', path: /\/namespaces\/[^/]+\/serviceaccounts\/[^/]+$/, statuses: [200, 202], fields: ['kind'] }
]

/** The 404 of each service, by the path of the request. */
const notFoundResponses: readonly { readonly path: RegExp; readonly isOfService: (text: string) => boolean }[] = [
  { path: new RegExp(`${graph}/`), isOfService: text => hasField(parsed(text), 'error.code') },
  { path: new RegExp(arm, 'i'), isOfService: text => hasField(parsed(text), 'error.code') },
  {
    path: /\/(api|apis)\/[^/]+\/|\/openid\/v1\/jwks$/,
    // The API server answers with plain text for an API that it does not have.
    isOfService: text => hasField(parsed(text), 'kind') || text.trim() === '404 page not found'
  }
]

/**
 * Throws an AzwiError if a response cannot be the answer of the service to this request: a success has a status, a type or a body that the
 * service never sends, or a 404 is not in the service's own format. A 404 means that an object does not exist, and azwi would then create it,
 * wait for it, or report it as deleted. A success of a request that the table does not have is refused too, so that every client has a row.
 */
export function refuseUnexpectedResponse(request: PipelineRequest, response: PipelineResponse): void {
  const problem = response.status === 404 ? problemOfNotFound(request, response) : problemOfSuccess(request, response)
  if (problem === undefined) return
  throw new AzwiError(
    'UnexpectedResponse',
    `${new URL(request.url).host} answered ${request.method} ${pathOf(request)} with ${problem}, which the service does not do`,
    {
      hint: 'a proxy, a firewall or a sign-in page may answer in its place: check HTTPS_PROXY, NO_PROXY and the network'
    }
  )
}

const unlistedRequests = new WeakSet<PipelineRequest>()

/**
 * Allows a successful response to a request without a row in the table, and returns the request. It is for URLs that the environment or a login
 * library chooses. The caller checks the answer itself.
 */
export function allowUnlistedRequest(request: PipelineRequest): PipelineRequest {
  unlistedRequests.add(request)
  return request
}

const pathOf = ({ url }: PipelineRequest): string => decodeURIComponent(new URL(url).pathname)

function problemOfSuccess(request: PipelineRequest, response: PipelineResponse): string | undefined {
  const { status } = response
  if (status < 200 || status > 299) return undefined
  const path = pathOf(request)
  const expectation = expectations.find(({ method, path: pattern }) => method === request.method && pattern.test(path))
  if (expectation === undefined) {
    if (unlistedRequests.has(request)) return undefined
    throw new AzwiError('UnlistedRequest', `azwi has no rule for the answer to ${request.method} ${path}`, {
      hint: 'this is an error of azwi: please report it'
    })
  }
  const { statuses, emptyStatuses = [], canBeEmpty = false, fields } = expectation
  const isEmpty = (response.bodyAsText ?? '').trim() === ''
  if (emptyStatuses.includes(status)) return isEmpty ? undefined : problemOf(response, [])
  if (!statuses.includes(status)) return `the status ${status}`
  return isEmpty && canBeEmpty ? undefined : problemOf(response, fields)
}

function problemOfNotFound(request: PipelineRequest, { bodyAsText }: PipelineResponse): string | undefined {
  const path = pathOf(request)
  const notFound = notFoundResponses.find(({ path: pattern }) => pattern.test(path))
  return notFound === undefined || notFound.isOfService(bodyAsText ?? '') ? undefined : 'a 404 in a format of its own'
}

function problemOf({ bodyAsText, headers }: PipelineResponse, fields: readonly string[]): string | undefined {
  const text = bodyAsText ?? ''
  if (text.trim() === '') return 'an empty body'
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    const type = headers.get('content-type')?.split(';', 1)[0]
    return `${type === undefined || type.includes('json') ? 'a body that is not JSON' : type} in place of JSON`
  }
  if (typeof body !== 'object' || body === null) return 'JSON that is not an object'
  const missing = fields.find(field => !hasField(body, field))
  return missing === undefined ? undefined : `JSON without "${missing.replace('[]', '')}"`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function hasField(body: unknown, field: string): boolean {
  let value = body
  for (const key of field.replace('[]', '').split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
    value = (value as Record<string, unknown>)[key]
  }
  return field.endsWith('[]') ? Array.isArray(value) : value !== undefined && value !== null && value !== ''
}
