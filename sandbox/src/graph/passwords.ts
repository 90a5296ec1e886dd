import { randomBytes } from 'node:crypto'
import type { Handler, Route } from '../server/http.js'
import { isJsonObject, type JsonObject } from '../json.js'
import { wholeSeconds } from '../dates.js'
import type { State } from '../state.js'
import { entity, noContent } from './responses.js'
import { applicationPath, writableApplication } from './application-lookup.js'
import { readBody, optionalString, requiredString } from './request.js'
import { badRequest } from './errors.js'
import { path } from './paths.js'

/**
 * Routes of `addPassword` and `removePassword`. The response shows the secret once. The token endpoint accepts it at
 * once (recorded).
 */
export function passwordRoutes(state: State): Route[] {
  const add: Handler = (request, parameters) => {
    const application = writableApplication(state, request, parameters)
    const wanted = readBody(request).passwordCredential ?? {}
    if (!isJsonObject(wanted))
      throw badRequest("Invalid value specified for property 'passwordCredential' of resource 'Application'.")
    const secretText = randomBytes(30).toString('base64url')
    const shown: JsonObject = {
      customKeyIdentifier: null,
      displayName: optionalString(wanted, 'displayName', 'PasswordCredential') ?? null,
      endDateTime: optionalString(wanted, 'endDateTime', 'PasswordCredential') ?? yearsFrom(state.now(), 2),
      hint: secretText.slice(0, 3),
      keyId: state.uuid(),
      secretText,
      startDateTime: optionalString(wanted, 'startDateTime', 'PasswordCredential') ?? wholeSeconds(state.now())
    }
    const secrets = state.clientCredentials.secrets
    secrets.set(application.appId, [...(secrets.get(application.appId) ?? []), secretText])
    application.otherProperties.passwordCredentials = [
      ...passwordsOf(application.otherProperties),
      { ...shown, secretText: null }
    ]
    return entity(request, 'microsoft.graph.passwordCredential', shown)
  }
  const remove: Handler = (request, parameters) => {
    const application = writableApplication(state, request, parameters)
    const keyId = requiredString(readBody(request), 'keyId', 'PasswordCredential')
    const passwords = passwordsOf(application.otherProperties)
    const index = passwords.findIndex(password => password.keyId === keyId)
    if (index < 0) throw badRequest(`No password credential found with keyId '${keyId}'.`)
    const secrets = state.clientCredentials.secrets.get(application.appId) ?? []
    state.clientCredentials.secrets.set(application.appId, secrets.toSpliced(index, 1))
    application.otherProperties.passwordCredentials = passwords.toSpliced(index, 1)
    return noContent()
  }
  return [
    { method: 'POST', pattern: path(applicationPath, '/addPassword'), handler: add },
    { method: 'POST', pattern: path(applicationPath, '/removePassword'), handler: remove }
  ]
}

function passwordsOf({ passwordCredentials }: JsonObject): JsonObject[] {
  return Array.isArray(passwordCredentials) ? passwordCredentials.filter(isJsonObject) : []
}

function yearsFrom(date: Date, years: number): string {
  const later = new Date(date)
  later.setUTCFullYear(later.getUTCFullYear() + years)
  return wholeSeconds(later)
}
