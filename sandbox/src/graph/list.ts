import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { JsonObject } from '../json.js'
import { collection } from './responses.js'
import { badRequest, GraphError, malformed, unsupportedQuery } from './errors.js'
import { compileFilter, type Filterable } from './filter.js'

const defaultPageSize = 100
const maximumPageSize = 999
const supportedOptions = ['$filter', '$select', '$top', '$count', '$skiptoken']

/**
 * Returns a page of a list. Supports `$filter`, `$select`, `$count` and `$top`; `@odata.nextLink` leads to the next
 * page. Objects are sorted by ID, so that a page token stays valid when objects are created or deleted. Throws a 400
 * for an option that is not supported.
 */
export function list(
  request: SandboxRequest,
  context: string,
  objects: JsonObject[],
  filterable: Filterable
): SandboxResponse {
  const { query } = request
  refuseUnknownOptions(query)
  const select = selection(query, filterable)
  const filter = query.get('$filter')
  const accepts = filter === null ? () => true : compileFilter(filter, filterable)
  const found = objects.filter(accepts).sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
  const size = pageSize(query)
  const after = pageToken(query)
  const rest = after === undefined ? found : found.filter(object => idOf(object) > after)
  const page = rest.slice(0, size)
  const last = page.at(-1)
  const annotations: JsonObject = {}
  if (isCounted(request)) annotations['@odata.count'] = found.length
  if (rest.length > size && last !== undefined) annotations['@odata.nextLink'] = nextLink(request, idOf(last))
  return collection(request, select.context(context), page.map(select.apply), annotations)
}

/** Applies `$select` to one object. Returns the context path and the selected properties. */
export function selectOne(
  request: SandboxRequest,
  context: string,
  object: JsonObject,
  filterable: Filterable
): [string, JsonObject] {
  for (const option of request.query.keys()) {
    if (option.startsWith('$') && option !== '$select')
      throw malformed(`The query option '${option}' is not supported here.`)
  }
  const select = selection(request.query, filterable)
  return [select.context(context), select.apply(object)]
}

function selection(
  query: URLSearchParams,
  { type, properties }: Filterable
): { context: (path: string) => string; apply: (object: JsonObject) => JsonObject } {
  const text = query.get('$select')
  if (text === null) return { context: path => path, apply: object => object }
  const names = text.split(',').map(name => name.trim())
  for (const name of names) {
    if (!properties.includes(name)) {
      throw malformed(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${type}'.`
      )
    }
  }
  return {
    context: path => path.replace(/(\/\$entity)?$/, ending => `(${names.join(',')})${ending}`),
    apply: object =>
      Object.fromEntries(Object.entries(object).filter(([key]) => names.includes(key) || key === '@odata.type'))
  }
}

function refuseUnknownOptions(query: URLSearchParams): void {
  for (const option of query.keys()) {
    if (option.startsWith('$') && !supportedOptions.includes(option))
      throw malformed(`The query option '${option}' is not supported by this sandbox.`)
  }
}

function pageSize(query: URLSearchParams): number {
  const top = query.get('$top')
  if (top === null) return defaultPageSize
  if (!/^-?\d+$/.test(top))
    throw malformed(
      `Invalid value '${top}' for $top query option found. The $top query option requires a non-negative integer value.`
    )
  const size = Number(top)
  if (size < 1 || size > maximumPageSize) {
    throw unsupportedQuery(`Invalid page size specified: '${top}'. Must be between 1 and ${maximumPageSize} inclusive.`)
  }
  return size
}

/**
 * Reports whether the response needs `@odata.count`. Only an advanced query can have it (learn.microsoft.com,
 * aad-advanced-queries).
 */
function isCounted(request: SandboxRequest): boolean {
  const count = request.query.get('$count')
  if (count === null || count === 'false') return false
  if (count !== 'true')
    throw malformed(`Invalid value '${count}' for $count query option found. Valid values are 'true' and 'false'.`)
  if (request.headers.consistencylevel?.toLowerCase() !== 'eventual')
    throw badRequest('$count is not currently supported.')
  return true
}

function pageToken(query: URLSearchParams): string | undefined {
  const token = query.get('$skiptoken')
  if (token === null) return undefined
  const id = /^azwi:(.+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1]
  if (id === undefined)
    throw new GraphError(400, 'Directory_InvalidPageToken', 'The specified page token value is invalid.')
  return id
}

function nextLink(request: SandboxRequest, lastId: string): string {
  const query = new URLSearchParams(request.query)
  query.set('$skiptoken', Buffer.from(`azwi:${lastId}`).toString('base64url'))
  return `${request.origin}${request.path}?${query.toString().replaceAll('%24', '$')}`
}

function idOf(object: JsonObject): string {
  return typeof object.id === 'string' ? object.id : ''
}
