import type { SandboxResponse } from '../server/http.js'

/** What ARM answers instead of a result. Thrown by a handler and worded as ARM words it. */
export class ArmError extends Error {
  override readonly name = 'ArmError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {}
  ) {
    super(message)
  }
}

/** An error of ARM itself, not of the provider behind it: it bears a header that says so (recorded). */
export function gatewayError(status: number, code: string, message: string): ArmError {
  return new ArmError(status, code, message, { 'x-ms-failure-cause': 'gateway' })
}

/** 400 from a provider, with a code of its own or the plain one. */
export function badRequest(message: string, code = 'BadRequest'): ArmError {
  return new ArmError(400, code, message)
}

/** 404 for a resource of a group that is there (recorded). `type` with its namespace. */
export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmError {
  return gatewayError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
  )
}

/** The error body of ARM: code and message, nothing else (recorded). */
export function errorResponse(error: unknown): SandboxResponse {
  const known =
    error instanceof ArmError
      ? error
      : new ArmError(
          500,
          'InternalServerError',
          `The sandbox failed: ${error instanceof Error ? error.message : String(error)}`
        )
  return {
    status: known.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...known.headers },
    body: { error: { code: known.code, message: known.message } }
  }
}
