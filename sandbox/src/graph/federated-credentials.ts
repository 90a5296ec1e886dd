import type { Handler, Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { Application, FederatedIdentityCredential } from './directory.js'
import type { State } from '../state.js'
import { brokenOff, created, entity, noContent } from './responses.js'
import { applicationOf, applicationPath, writableApplication } from './application-lookup.js'
import { readBody, createsIfMissing } from './request.js'
import { notFound } from './errors.js'
import {
  addCredential,
  betaCredentialProperties,
  credentialJson,
  credentialProperties,
  updateCredential
} from './federated-credential-write.js'
import type { Filterable } from './filter.js'
import { list, selectOne } from './list.js'
import { anyVersionPath, isBeta, item, reference, type Reference } from './paths.js'

const filterable: Filterable = {
  resource: 'FederatedIdentityCredential',
  type: 'microsoft.graph.federatedIdentityCredential',
  properties: credentialProperties,
  operators: { id: ['eq'], name: ['eq'], issuer: ['eq'], subject: ['eq'] },
  caseSensitive: true,
  combinations: false
}
const betaFilterable: Filterable = { ...filterable, properties: betaCredentialProperties }

/**
 * Routes of `/applications/…/federatedIdentityCredentials`. The path names a credential by its ID or name (recorded),
 * or by `(name='…')` for an upsert. `/beta` shows flexible credentials as they are; in v1.0, the JSON of a response
 * breaks off at the first one (recorded).
 */
export function federatedCredentialRoutes(state: State): Route[] {
  const collection = anyVersionPath(applicationPath, '/federatedIdentityCredentials')
  const one = anyVersionPath(applicationPath, '/federatedIdentityCredentials', item('credential'))

  const read: Handler = (request, parameters) => {
    const application = applicationOf(state, parameters)
    const credential = credentialOf(state, application, parameters)
    const context = `${contextPath(application)}/$entity`
    const shown = selectOne(request, context, credentialJson(credential, versionOf(request)), filterableIn(request))
    return unlessFlexible(state, request, [credential], entity(request, ...shown))
  }
  const change: Handler = (request, parameters) => {
    const application = writableApplication(state, request, parameters)
    const wanted = credentialReference(parameters)
    // An upsert finds a credential even if reads do not find it yet.
    const upserts = wanted.key === 'name' && createsIfMissing(request)
    const existing = upserts ? find(application, wanted) : credentialOf(state, application, parameters)
    if (existing === undefined) {
      return createdResponse(
        state,
        request,
        application,
        addCredential(state, application, { ...readBody(request), name: wanted.value }, versionOf(request))
      )
    }
    updateCredential(state, application, existing, readBody(request))
    return noContent()
  }
  const remove: Handler = (request, parameters) => {
    const application = writableApplication(state, request, parameters)
    const credential = credentialOf(state, application, parameters)
    application.federatedIdentityCredentials = application.federatedIdentityCredentials.filter(
      other => other !== credential
    )
    return noContent()
  }

  return [
    {
      method: 'GET',
      pattern: collection,
      handler: (request, parameters) => {
        const application = applicationOf(state, parameters)
        const visible = application.federatedIdentityCredentials.filter(credential => isVisible(state, credential))
        const shown = visible.map(credential => credentialJson(credential, versionOf(request)))
        const response = list(request, contextPath(application), shown, filterableIn(request))
        return unlessFlexible(state, request, visible, response)
      }
    },
    {
      method: 'POST',
      pattern: collection,
      handler: (request, parameters) => {
        const application = writableApplication(state, request, parameters)
        return createdResponse(
          state,
          request,
          application,
          addCredential(state, application, readBody(request), versionOf(request))
        )
      }
    },
    { method: 'GET', pattern: one, handler: read },
    { method: 'PATCH', pattern: one, handler: change },
    { method: 'DELETE', pattern: one, handler: remove }
  ]
}

function createdResponse(
  state: State,
  request: SandboxRequest,
  application: Application,
  credential: FederatedIdentityCredential
): SandboxResponse {
  const location = `federatedIdentityCredentials/${credential.id}`
  return created(
    state,
    request,
    `${contextPath(application)}/$entity`,
    credentialJson(credential, versionOf(request)),
    location
  )
}

const versionOf = (request: SandboxRequest): 'v1.0' | 'beta' => (isBeta(request) ? 'beta' : 'v1.0')
const filterableIn = (request: SandboxRequest): Filterable => (isBeta(request) ? betaFilterable : filterable)

/**
 * Returns the response, broken off if it contains a flexible credential and the request is of v1.0. What v1.0 does
 * with `$select` and no subject is unknown; here it breaks off too.
 */
function unlessFlexible(
  state: State,
  request: SandboxRequest,
  credentials: readonly FederatedIdentityCredential[],
  response: SandboxResponse
): SandboxResponse {
  const isFlexible = credentials.some(({ claimsMatchingExpression }) => claimsMatchingExpression !== undefined)
  return isFlexible && !isBeta(request) ? brokenOff(state, response, 'subject') : response
}

function contextPath(application: Application): string {
  return `applications('${application.id}')/federatedIdentityCredentials`
}

function credentialReference(parameters: Parameters): Reference {
  return reference(parameters, 'credential', ['name'])
}

function credentialOf(state: State, application: Application, parameters: Parameters): FederatedIdentityCredential {
  const wanted = credentialReference(parameters)
  const credential = find(application, wanted)
  if (credential === undefined || !isVisible(state, credential)) throw notFound(wanted.value)
  return credential
}

function isVisible(state: State, { id }: FederatedIdentityCredential): boolean {
  return state.replication.isVisible('federatedIdentityCredential', id)
}

function find(application: Application, { key, value }: Reference): FederatedIdentityCredential | undefined {
  const byName = application.federatedIdentityCredentials.find(credential => credential.name === value)
  if (key === 'name') return byName
  return application.federatedIdentityCredentials.find(credential => credential.id === value.toLowerCase()) ?? byName
}
