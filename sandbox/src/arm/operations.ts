import type { SandboxRequest, SandboxResponse } from '../server/http.js'
import type { State } from '../state.js'
import { gatewayError } from './errors.js'
import { type ArmRoute, path } from './gateway.js'

/** In seconds. Azure says 15. A client waits so long before it asks again. */
const retryAfter = '1'

/**
 * Answers that an operation goes on: 202, with the address of its result (ARM, "Track asynchronous Azure operations"). The work itself is done. The
 * client sees the end when it asks for the second time.
 */
export function accepted(state: State, request: SandboxRequest, subscriptionId: string): SandboxResponse {
  const operation = state.uuid()
  state.operations.set(operation, 1)
  return pending(
    `${request.origin}/subscriptions/${subscriptionId}/operationresults/${operation}?api-version=2021-04-01`
  )
}

/** The route of the result of an operation. A 200 without a body says that it has ended. */
export function operationResultRoute(state: State): ArmRoute {
  return {
    method: 'GET',
    type: 'resourceGroups',
    pattern: path('subscriptions/(?<subscription>[^/]+)/operationresults/(?<operation>[^/]+)'),
    handler: ({ request, parameters }) => {
      const { operation = '' } = parameters
      const remaining = state.operations.get(operation)
      if (remaining === undefined) throw gatewayError(404, 'NotFound', `The operation '${operation}' was not found.`)
      state.operations.set(operation, Math.max(0, remaining - 1))
      return remaining > 0 ? pending(`${request.origin}${request.path}?${request.query.toString()}`) : { status: 200 }
    }
  }
}

const pending = (location: string): SandboxResponse => ({
  status: 202,
  headers: { location, 'retry-after': retryAfter }
})
