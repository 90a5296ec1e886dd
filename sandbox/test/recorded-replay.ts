import { expect } from 'vitest'
import { armService } from '../src/arm/service.js'
import { graphService } from '../src/graph/service.js'
import type { Json } from '../src/json.js'
import { createState } from '../src/create-state.js'
import type { State } from '../src/state.js'
import {
  readRecording,
  type RecordedExchange,
  shapeDifferences,
  type ShapeOptions,
  subscriptionId,
  Translation
} from './recorded-table.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

export interface Replay extends ShapeOptions {
  readonly table: string
  readonly recording: string
  /** Adds the objects to the state that the first exchange needs. */
  readonly seed?: (state: State) => void
  /** Reasons for not replaying some exchanges, by index. */
  readonly skipped?: Readonly<Record<number, string>>
  /** True for a recording of unrelated errors. Each exchange then starts without denied permissions and role assignments. */
  readonly separate?: boolean
  /** Changes the state just before an exchange, by index. */
  readonly before?: Readonly<Record<number, (state: State, exchange: RecordedExchange) => void>>
}

export interface Stage {
  readonly state: State
  readonly graph: Call
  readonly arm: Call
}

/** Creates an empty state with the subscription of the recordings, and a caller for each service. */
export async function createStage(tenantId = 'ffffffff-0000-4000-8000-000000000001'): Promise<Stage> {
  const state = await createState({ tenantId, subscriptionId, cloud: 'AzurePublicCloud' })
  Object.assign(state.endpoints, { entra: 'https://login.test', graph: 'https://graph.test', arm: 'https://arm.test' })
  const [graph, arm] = await Promise.all([
    createCaller(state, graphService(state), 'https://graph.microsoft.com'),
    createCaller(state, armService(state), 'https://management.azure.com/')
  ])
  return { state, graph, arm }
}

/** Sends the requests of a recording to the sandbox and compares each response with the recorded one. Returns the number of requests. */
export async function replay({
  table,
  recording,
  seed,
  skipped = {},
  separate = false,
  before = {},
  ...shape
}: Replay): Promise<number> {
  const { exchanges } = readRecording(table, recording)
  for (const index of Object.keys(skipped)) {
    expect(exchanges[Number(index)], `${recording} has no exchange ${index}`).toBeDefined()
  }
  const stages = new Map<string | undefined, Stage>()
  let stage = await createStage()
  seed?.(stage.state)
  let translation = new Translation()
  let played = 0
  for (const [index, exchange] of exchanges.entries()) {
    if (skipped[index] !== undefined) continue
    if (separate) {
      stage = stages.get(tenantOf(exchange)) ?? (await createStage(tenantOf(exchange)))
      stages.set(tenantOf(exchange), stage)
      stage.state.denied.clear()
      stage.state.roleAssignments.clear()
      seed?.(stage.state)
      translation = new Translation()
    }
    before[index]?.(stage.state, exchange)
    const answer = await play(stage, exchange, translation)
    compare(`${recording}[${index}] ${exchange.request ?? ''}`, exchange, answer, translation, shape)
    // A shortened list, which also holds the objects of others, does not correspond to ours.
    if (exchange.truncated !== true) translation.learn(exchange.shape, answer.body as unknown as Json | undefined)
    played += 1
  }
  return played
}

function play({ graph, arm }: Stage, exchange: RecordedExchange, translation: Translation): Promise<Answer> {
  const { method, url } = requestOf(exchange)
  const { host, pathname, search } = new URL(translation.apply(url))
  const call = { 'graph.microsoft.com': graph, 'management.azure.com': arm }[host]
  if (call === undefined) throw new Error(`The sandbox has no service for ${host}.`)
  const { body } = exchange
  return call(
    method,
    `${pathname}${search}`,
    body === undefined ? {} : { body: JSON.parse(translation.apply(JSON.stringify(body))) as unknown }
  )
}

/** Splits the request of an exchange. Throws an error if only the response was recorded. */
export function requestOf({ request }: RecordedExchange): { method: string; url: string } {
  const [, method, url] = /^(\S+) (.+)$/.exec(request ?? '') ?? []
  if (method === undefined || url === undefined) throw new Error('The request of this exchange was not recorded.')
  return { method, url }
}

/** Compares status, content type, error code and message, the path of Location, and the shape. Our message may say more than the recorded one. */
export function compare(
  description: string,
  recorded: RecordedExchange,
  answer: Answer,
  translation: Translation,
  shape: ShapeOptions
): void {
  expect(answer.status, `${description}: ${JSON.stringify(answer.body)}`).toBe(recorded.status)
  expect(answer.headers['content-type'], description).toBe(recorded.contentType)
  if (recorded.error !== undefined) {
    const { code, message } = recorded.error
    const { error } = answer.body
    expect(error.code, description).toBe(code)
    if (message !== undefined) expect(error.message, description).toContain(translation.apply(message))
    expect(answer.headers['x-ms-failure-cause'], description).toBe(recorded.failureCause)
  }
  if (recorded.location !== undefined) {
    expect(withoutIds(answer.headers.location ?? ''), description).toBe(recorded.location)
  }
  expect(shapeDifferences(recorded.shape, answer.body as unknown as Json | undefined, shape), description).toEqual([])
}

/** Removes the host of an address and replaces its IDs, as the table does. */
function withoutIds(location: string): string {
  return location.replace(/^https:\/\/[^/]+/, '').replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '*')
}

/** Returns the tenant that an error message names. */
function tenantOf({ error }: RecordedExchange): string | undefined {
  return /does not exist in the directory ([0-9a-f-]{36})/.exec(error?.message ?? '')?.[1]
}

/** Adds a resource group to the state. */
export function addGroup(
  state: State,
  name: string,
  location = 'westus',
  tags: Record<string, string> = { cause: 'automation' }
): void {
  state.resourceGroups.set(name.toLowerCase(), { name, location, tags })
}

/** Adds a resource of any type to the state. A role can only be assigned at a resource that exists. */
export function addResource(state: State, group: string, type: string, name: string): void {
  const id = `/subscriptions/${state.subscriptionId}/resourceGroups/${group}/providers/${type}/${name}`
  state.resources.set(id.toLowerCase(), { id, location: 'westus', userAssignedIdentities: [] })
}
