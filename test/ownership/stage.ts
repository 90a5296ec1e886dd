import { expect } from 'vitest'
import type { SandboxRequest, SandboxResponse, Service } from '../../sandbox/src/server/http.js'
import type { Outcome } from '../helpers/azwi.js'
import { type FaultySandbox, useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { objectsIn, stateDifference } from '../helpers/state-difference.js'
import type { State } from '../../sandbox/src/state.js'

/** What a command line did. */
export interface Result extends Outcome {
  /** The objects that are gone, new or changed. All others are as before. */
  readonly changes: readonly string[]
}

export interface Stage {
  readonly test: FaultySandbox
  readonly state: State
  /** Runs a command line and compares the whole state before and after. */
  readonly attempt: (words: readonly string[], overrides?: Parameters<FaultySandbox['azwi']>[2]) => Promise<Result>
  /** Answers 403 to the matching requests, in the format of the service. */
  readonly deny: (isDenied: (service: Service['name'], request: SandboxRequest) => boolean) => void
}

/** A situation, a command line, and all that may differ afterwards. */
export interface Scenario {
  readonly name: string
  readonly arrange: (stage: Stage) => void | Promise<void>
  /** The plain delete if there is none. */
  readonly line?: () => readonly string[]
  readonly status: number
  readonly changes: readonly string[]
  /** Text of stderr. */
  readonly says?: string | RegExp
}

/** The command line that needs nothing but the name of the service account. */
export const plainDelete = [
  ...['sa', 'delete', '--service-account-name', 'app', '--service-account-namespace', 'default']
] as const

/** What delete removes from a service account that it keeps. */
export const stripped = '-client-id, -service-account-token-expiration, -tenant-id'

/** Starts a sandbox for the ownership tests of a file. */
export function useStage(): Stage {
  const test = useFaultySandbox()
  const stage: Stage = {
    test,
    get state() {
      return test.sandbox.state
    },
    attempt: async (words, overrides) => {
      const before = objectsIn(test.sandbox.state)
      const outcome = await test.azwi(words, {}, overrides)
      return { ...outcome, changes: stateDifference(before, objectsIn(test.sandbox.state)) }
    },
    deny: isDenied => {
      test.fault(async (request, service, next) => (isDenied(service, request) ? forbidden(service) : next()))
    }
  }
  return stage
}

/** Runs a scenario and checks its exit code, its changes and its message. */
export async function play(stage: Stage, scenario: Scenario): Promise<void> {
  await scenario.arrange(stage)
  const { status, changes, stderr } = await stage.attempt(scenario.line?.() ?? plainDelete)
  expect({ status, changes }, stderr).toEqual({ status: scenario.status, changes: [...scenario.changes].toSorted() })
  if (scenario.says !== undefined) expect(stderr).toMatch(scenario.says)
}

/** The 403 of each service. */
export function forbidden(service: Service['name']): SandboxResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  if (service === 'kubernetes') {
    return {
      status: 403,
      headers,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        reason: 'Forbidden',
        message: 'forbidden',
        code: 403
      }
    }
  }
  const code = service === 'graph' ? 'Authorization_RequestDenied' : 'AuthorizationFailed'
  return { status: 403, headers, body: { error: { code, message: 'Not allowed.' } } }
}
