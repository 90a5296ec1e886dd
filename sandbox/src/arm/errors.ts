import type { JsonObject } from '../json.js'
import type { SandboxResponse } from '../server/http.js'

/** An error response of ARM. The codes and messages are ARM's own. */
export class ArmError extends Error {
  override readonly name = 'ArmError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** The causes, which only some services give. */
    readonly details: readonly JsonObject[] = []
  ) {
    super(message)
  }
}

/** An error of ARM's gateway, not of the resource provider. A header says so (recorded). */
export function gatewayError(status: number, code: string, message: string): ArmError {
  return new ArmError(status, code, message, { 'x-ms-failure-cause': 'gateway' })
}

/** A 400 of a resource provider. */
export function badRequest(message: string, code = 'BadRequest'): ArmError {
  return new ArmError(400, code, message)
}

/** A 404 for a missing resource in an existing resource group (recorded). `type` includes its namespace. */
export function resourceNotFound(type: string, name: string, resourceGroup: string): ArmError {
  return gatewayError(
    404,
    'ResourceNotFound',
    `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
  )
}

/** Returns the response for an error: a body with code and message (recorded). */
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
    body: {
      error: {
        code: known.code,
        message: known.message,
        ...(known.details.length === 0 ? {} : { details: known.details })
      }
    }
  }
}
