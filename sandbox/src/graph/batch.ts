import type { Handler, Route, SandboxRequest, SandboxResponse, Service } from '../server/http.js'
import { isJsonObject, type Json, type JsonObject } from '../json.js'
import { dispatch } from '../server/router.js'
import { readBody } from './request.js'
import { malformed } from './errors.js'
import { path } from './paths.js'

/** The maximum number of requests in a batch (Graph, JSON batching). */
const maximumRequests = 20

interface Step {
  readonly id: string
  readonly dependsOn: readonly string[]
  readonly request: SandboxRequest
}

/**
 * The route of `POST /$batch`. Calls the other routes of the service for each step, one after the other. The steps have
 * the access token of the batch. A step that depends on a failed step gets a 424.
 */
export function batchRoute(service: Service): Route {
  const handler: Handler = async request => {
    const steps = readSteps(request)
    const responses: JsonObject[] = []
    const failed = new Set<string>()
    for (const step of steps) {
      const blocked = step.dependsOn.some(id => failed.has(id))
      const response = blocked ? failedDependency : await dispatch(service, step.request)
      if (response.status >= 400) failed.add(step.id)
      responses.push(stepJson(step.id, response))
    }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: { responses } }
  }
  return { method: 'POST', pattern: path('(?:\\$|%24)batch'), handler }
}

const failedDependency: SandboxResponse = {
  status: 424,
  headers: { 'content-type': 'application/json' },
  body: {
    error: {
      code: 'FailedDependency',
      message: 'The request could not be processed, because a request that it depends on failed.'
    }
  }
}

function readSteps(batch: SandboxRequest): Step[] {
  const { requests } = readBody(batch)
  if (!Array.isArray(requests) || requests.length === 0) throw malformed('Invalid batch payload format.')
  if (requests.length > maximumRequests)
    throw malformed(`Number of batch request steps exceeds the maximum value of ${maximumRequests}.`)
  const steps = requests.map(step => readStep(batch, step))
  if (new Set(steps.map(step => step.id)).size < steps.length) throw malformed('Batch request ids must be unique.')
  return steps
}

function readStep(batch: SandboxRequest, step: Json): Step {
  if (!isJsonObject(step)) throw malformed('Invalid batch payload format.')
  const { id, method, url, headers, body, dependsOn } = step
  if (typeof id !== 'string' || typeof method !== 'string' || typeof url !== 'string')
    throw malformed('Invalid batch payload format.')
  const target = new URL(`${batch.origin}/v1.0/${url.replace(/^\//, '')}`)
  const { authorization } = batch.headers
  return {
    id,
    dependsOn: Array.isArray(dependsOn) ? dependsOn.map(String) : [],
    request: {
      method: method.toUpperCase(),
      path: target.pathname,
      query: target.searchParams,
      headers: { ...(authorization === undefined ? {} : { authorization }), ...readHeaders(headers) },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      origin: batch.origin
    }
  }
}

function readHeaders(headers: Json | undefined): Record<string, string> {
  if (!isJsonObject(headers)) return {}
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : []))
  )
}

function stepJson(id: string, { status, headers, body }: SandboxResponse): JsonObject {
  const content = body === undefined ? {} : { body: JSON.parse(JSON.stringify(body)) as Json }
  return { id, status, headers: { ...headers }, ...content }
}
