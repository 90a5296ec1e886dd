import type { Handler, Parameters, Route, SandboxRequest, SandboxResponse } from '../server/http.js'
import type { Application, FederatedIdentityCredential } from './directory.js'
import type { State } from '../state.js'
import { created, entity, noContent } from './responses.js'
import { applicationOf, applicationPath } from './application-lookup.js'
import { readBody, createsIfMissing } from './request.js'
import { notFound } from './errors.js'
import { addCredential, credentialJson, credentialProperties, updateCredential } from './federated-credential-write.js'
import type { Filterable } from './filter.js'
import { list, selectOne } from './list.js'
import { item, path, reference, type Reference } from './paths.js'

const filterable: Filterable = {
  resource: 'FederatedIdentityCredential',
  type: 'microsoft.graph.federatedIdentityCredential',
  properties: credentialProperties,
  operators: { id: ['eq'], name: ['eq'], issuer: ['eq'], subject: ['eq'] },
  caseSensitive: true,
  combinations: false
}

/**
 * Routes of `/applications/…/federatedIdentityCredentials`. The path names a credential by its ID or name (recorded),
 * or by `(name='…')` for an upsert.
 */
export function federatedCredentialRoutes(state: State): Route[] {
  const collection = path(applicationPath, '/federatedIdentityCredentials')
  const one = path(applicationPath, '/federatedIdentityCredentials', item('credential'))

  const read: Handler = (request, parameters) => {
    const application = applicationOf(state, parameters)
    const credential = credentialJson(credentialOf(state, application, parameters))
    return entity(request, ...selectOne(request, `${contextPath(application)}/$entity`, credential, filterable))
  }
  const change: Handler = (request, parameters) => {
    const application = applicationOf(state, parameters)
    const wanted = credentialReference(parameters)
    // An upsert finds a credential even if reads do not find it yet.
    const upserts = wanted.key === 'name' && createsIfMissing(request)
    const existing = upserts ? find(application, wanted) : credentialOf(state, application, parameters)
    if (existing === undefined) {
      return createdResponse(
        state,
        request,
        application,
        addCredential(state, application, { ...readBody(request), name: wanted.value })
      )
    }
    updateCredential(state, application, existing, readBody(request))
    return noContent()
  }
  const remove: Handler = (_request, parameters) => {
    const application = applicationOf(state, parameters)
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
        return list(request, contextPath(application), visible.map(credentialJson), filterable)
      }
    },
    {
      method: 'POST',
      pattern: collection,
      handler: (request, parameters) => {
        const application = applicationOf(state, parameters)
        return createdResponse(state, request, application, addCredential(state, application, readBody(request)))
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
  return created(state, request, `${contextPath(application)}/$entity`, credentialJson(credential), location)
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
