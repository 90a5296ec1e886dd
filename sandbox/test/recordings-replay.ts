import { expect } from 'vitest'
import { armService } from '../src/arm/service.js'
import { graphService } from '../src/graph/service.js'
import { isJsonObject, type Json } from '../src/json.js'
import { createState } from '../src/create-state.js'
import type { State } from '../src/state.js'
import { type Exchange, readRecording, shapeDifferences, type ShapeOptions, Translation } from './recordings.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

export interface Replay extends ShapeOptions {
  readonly file: string
  /** What must be there before the first exchange. */
  readonly seed?: (state: State) => void
  /** Exchanges that are not replayed, by index, and why. Every other one is. */
  readonly skipped?: Readonly<Record<number, string>>
  /** True for a file of errors that have nothing to do with each other: what one leaves behind is gone before the next. */
  readonly separate?: boolean
  /** Something to do to the world just before one exchange. */
  readonly before?: Readonly<Record<number, (state: State) => void>>
}

export interface Stage {
  readonly state: State
  readonly graph: Call
  readonly arm: Call
}

/** A fresh world with the recordings' subscription, and a caller of each service. */
export async function createStage(tenantId = '54826b22-38d6-4fb2-bad9-b7b93a3e9c5a'): Promise<Stage> {
  const state = await createState({ tenantId, subscriptionId: '00000000-0000-0000-0000-000000000000' })
  Object.assign(state.endpoints, { entra: 'https://login.test', graph: 'https://graph.test', arm: 'https://arm.test' })
  const [graph, arm] = await Promise.all([
    createCaller(state, graphService(state), 'https://graph.microsoft.com'),
    createCaller(state, armService(state), 'https://management.azure.com/')
  ])
  return { state, graph, arm }
}

/** Plays a recording against the sandbox and compares status, content type, error and shape of every answer. Returns how many were played. */
export async function replay({
  file,
  seed,
  skipped = {},
  separate = false,
  before = {},
  ...shape
}: Replay): Promise<number> {
  const exchanges = readRecording(file)
  for (const index of Object.keys(skipped))
    expect(exchanges[Number(index)], `${file} has no exchange ${index}`).toBeDefined()
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
    before[index]?.(stage.state)
    const answer = await play(stage, exchange, translation)
    compare(
      `${file}[${index}] ${exchange.request.method} ${exchange.request.url}`,
      exchange,
      answer,
      translation,
      shape
    )
    // A list that was cut, or holds what others had made, pairs with nothing.
    if (exchange.truncated === undefined)
      translation.learn(exchange.response.body, answer.body as unknown as Json | undefined)
    played += 1
  }
  return played
}

async function play({ graph, arm }: Stage, { request }: Exchange, translation: Translation): Promise<Answer> {
  const url = new URL(translation.apply(request.url))
  const call = url.host === 'graph.microsoft.com' ? graph : url.host === 'management.azure.com' ? arm : undefined
  if (call === undefined) throw new Error(`Nobody plays ${url.host}.`)
  const body =
    request.body === undefined ? {} : { body: JSON.parse(translation.apply(JSON.stringify(request.body))) as unknown }
  return call(request.method, `${url.pathname}${url.search}`, body)
}

/** Status, content type, error code and message (ours may say more than was recorded), Location's path, shape. */
export function compare(
  what: string,
  { response }: Exchange,
  answer: Answer,
  translation: Translation,
  shape: ShapeOptions
): void {
  const recorded = response.body ?? undefined
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBe(response.status)
  expect(answer.headers['content-type'], what).toBe(response.headers?.['content-type'])
  if (isJsonObject(recorded) && isJsonObject(recorded.error)) {
    const { code, message } = recorded.error
    const { error } = answer.body
    expect(error.code, what).toBe(code)
    if (code !== 'AuthorizationFailed')
      expect(error.message, what).toContain(translation.apply(typeof message === 'string' ? message : ''))
    expect(answer.headers['x-ms-failure-cause'], what).toBe(response.headers?.['x-ms-failure-cause'])
  }
  const location = response.headers?.location
  if (response.status === 201 && location !== undefined)
    expect(lastSegments(answer.headers.location ?? ''), what).toEqual(lastSegments(location))
  expect(shapeDifferences(recorded, answer.body as unknown as Json | undefined, shape), what).toEqual([])
}

/** A Location without host and ids, which differ. */
function lastSegments(location: string): string {
  return location.replace(/^https:\/\/[^/]+/, '').replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '*')
}

function tenantOf({ response }: Exchange): string | undefined {
  return /does not exist in the directory ([0-9a-f-]{36})/.exec(JSON.stringify(response.body ?? null))?.[1]
}

/** Puts a resource group into the world. */
export function addGroup(
  state: State,
  name: string,
  location = 'westus',
  tags: Record<string, string> = { cause: 'automation' }
): void {
  state.resourceGroups.set(name.toLowerCase(), { name, location, tags })
}
