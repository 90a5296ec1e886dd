import { isJsonObject, type Json, type JsonObject, objectAt } from '../json.js'
import type { SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { isActionAllowed, isReadable } from './access.js'
import { typeOf } from './associated-resources.js'
import { ArmError } from './errors.js'
import { type ArmRoute, path } from './gateway.js'
import { isGuid, resourceGroupOf, subscriptionOf } from './ids.js'
import { identityJson } from './managed-identities.js'
import { indexedManagedIdentities } from './managed-identity-write.js'
import { readBody } from './request.js'
import { parseQuery, type Row } from './resource-graph-query.js'
import { json } from './responses.js'
import { isAtOrBelow, managementGroupId } from './scope-hierarchy.js'

/** The default and the maximum number of rows in a page (Resource Graph, large data sets). */
const maximumPageSize = 1000

const supportedOptions = [
  '$top',
  '$skip',
  '$skipToken',
  'resultFormat',
  'allowPartialScopes',
  'authorizationScopeFilter'
]

/**
 * The route of Azure Resource Graph. It queries all subscriptions that the caller may read, or those in the request.
 * Resource Graph drops the others silently: an answer without rows does not prove that there is no such resource.
 */
export function resourceGraphRoutes(state: State): ArmRoute[] {
  return [
    {
      method: 'POST',
      type: 'resourceGraph',
      pattern: path('providers/Microsoft\\.ResourceGraph/resources'),
      checksPermission: true,
      handler: ({ request }) => {
        if (!isActionAllowed(state, 'Microsoft.ResourceGraph/resources/read', '/')) throw accessDenied(state)
        const body = readBody(request)
        const subscriptions = readableSubscriptions(state, body)
        const query = typeof body.query === 'string' ? parseQuery(body.query) : undefined
        if (query === undefined) throw invalidQuery(state)
        const rows = rowsOf(state).filter(row => subscriptions.has(row.subscriptionId as string))
        const isOldVersion = request.query.get('api-version') === '2019-04-01'
        return page(
          state,
          query.run(rows),
          query.hasId,
          objectAt(body, 'options'),
          isOldVersion ? 'table' : 'objectArray'
        )
      }
    }
  ]
}

/** Returns the IDs of the subscriptions in the scope of a request that the caller may read, in lower case. */
function readableSubscriptions(state: State, { subscriptions, managementGroups }: JsonObject): Set<string> {
  const requested = strings(subscriptions)
  const groups = strings(managementGroups)
  if (requested?.every(isGuid) === false)
    throw badRequest(state, 'SubscriptionsContainInvalidGuids', 'The subscriptions must be GUIDs.')
  const readable = [...state.subscriptions.values()]
    .filter(subscription => subscription.state !== 'Deleted')
    .map(({ id }) => id.toLowerCase())
    .filter(id => isReadable(state, 'Microsoft.Resources/subscriptions', `/subscriptions/${id}`))
    .filter(id => requested?.some(other => other.toLowerCase() === id) ?? true)
    .filter(id => groups?.some(name => isAtOrBelow(state, `/subscriptions/${id}`, managementGroupId(name))) ?? true)
  if (readable.length === 0) {
    const given = requested?.join(', ') ?? ''
    throw badRequest(
      state,
      'NoValidSubscriptionsInQueryRequest',
      `There must be at least one subscription that is eligible to contain resources. Given: '${given}'.`
    )
  }
  return new Set(readable)
}

/** Returns the rows of all resources that the caller may read. Type and resource group are in lower case. */
function rowsOf(state: State): Row[] {
  const identities = indexedManagedIdentities(state).map(identity => rowOf(state, identityJson(identity)))
  const others = [...state.resources.values(), ...state.managedClusters.values()].map(({ id, location }) =>
    rowOf(state, { id, location, tags: {}, properties: {} })
  )
  return [...identities, ...others].filter(({ id }) => isReadable(state, typeOf(id as string), id as string))
}

function rowOf(state: State, { id, location = '', tags = {}, properties = {} }: JsonObject): Row {
  const resourceId = typeof id === 'string' ? id : ''
  return {
    id: resourceId,
    name: resourceId.split('/').at(-1) ?? '',
    type: typeOf(resourceId).toLowerCase(),
    tenantId: state.tenantId,
    location,
    resourceGroup: (resourceGroupOf(resourceId) ?? '').toLowerCase(),
    subscriptionId: (subscriptionOf(resourceId) ?? '').toLowerCase(),
    tags,
    properties
  }
}

function page(
  state: State,
  rows: readonly Row[],
  hasId: boolean,
  options: JsonObject,
  defaultFormat: 'table' | 'objectArray'
): SandboxResponse {
  const unknownOption = Object.keys(options).find(name => !supportedOptions.includes(name))
  if (unknownOption !== undefined)
    throw badRequest(state, 'BadRequest', `The sandbox does not know the option '${unknownOption}'.`)
  const { $top: top = maximumPageSize, $skipToken: token, resultFormat = defaultFormat } = options
  if (typeof top !== 'number' || top < 1 || top > maximumPageSize)
    throw badRequest(state, 'BadRequest', `The $top must be from 1 to ${maximumPageSize}.`)
  const start = token === undefined ? Number(options.$skip ?? 0) : offsetIn(state, token)
  const data = rows.slice(start, start + top)
  const hasMore = start + top < rows.length
  return json(200, {
    totalRecords: rows.length,
    count: data.length,
    data: resultFormat === 'table' ? table(data) : data,
    facets: [],
    // The result counts as truncated only if no token leads to the rest.
    resultTruncated: hasMore && !hasId ? 'true' : 'false',
    ...(hasMore && hasId ? { $skipToken: Buffer.from(`rows ${start + top}`).toString('base64') } : {})
  })
}

function offsetIn(state: State, token: Json): number {
  const text = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8') : ''
  const [, offset] = /^rows (\d+)$/.exec(text) ?? []
  if (offset === undefined) throw badRequest(state, 'InvalidSkipToken', 'The skip token is not valid.')
  return Number(offset)
}

function table(rows: readonly Row[]): JsonObject {
  const names = Object.keys(rows[0] ?? {})
  const typed = (name: string) => (isJsonObject(rows[0]?.[name]) ? 'object' : 'string')
  return {
    columns: names.map(name => ({ name, type: typed(name) })),
    rows: rows.map(row => names.map(name => row[name] ?? null))
  }
}

function strings(value: Json | undefined): string[] | undefined {
  return Array.isArray(value) ? value.map(String) : undefined
}

/** The error for a query that the sandbox cannot parse. Its form is from AzureResourceGraph-Examples #2. */
function invalidQuery(state: State): ArmError {
  return failure(state, 400, 'BadRequest', [
    {
      code: 'InvalidQuery',
      message:
        'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.'
    },
    { code: 'ParserFailure', message: 'ParserFailure' }
  ])
}

function badRequest(state: State, code: string, message: string): ArmError {
  return failure(state, 400, 'BadRequest', [{ code, message }])
}

/** The error for a caller without access (aztfexport #410). */
function accessDenied(state: State): ArmError {
  const message = 'Access is denied to the requested resource. The user might not have enough permission.'
  return failure(state, 403, 'AccessDenied', [{ code: 'AccessDenied', message }])
}

function failure(state: State, status: number, code: string, details: readonly JsonObject[]): ArmError {
  const message = `Please provide below info when asking for support: timestamp = ${state.now().toISOString()}, correlationId = ${state.uuid()}.`
  return new ArmError(status, code, message, {}, details)
}
