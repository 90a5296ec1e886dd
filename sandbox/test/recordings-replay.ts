import { expect } from 'vitest'
import { armService } from '../src/arm/service.js'
import { graphService } from '../src/graph/service.js'
import { isJsonObject, type Json } from '../src/json.js'
import { createWorld } from '../src/create-world.js'
import type { World } from '../src/world.js'
import { type Exchange, readRecording, shapeDifferences, type ShapeOptions, Translation } from './recordings.js'
import { type Answer, type Call, createCaller } from './service-caller.js'

export interface Replay extends ShapeOptions {
  readonly file: string
  /** What must be there before the first exchange. */
  readonly seed?: (world: World) => void
  /** Exchanges that are not replayed, by index, and why. Every other one is. */
  readonly skipped?: Readonly<Record<number, string>>
  /** True for a file of errors that have nothing to do with each other: what one leaves behind is gone before the next. */
  readonly separate?: boolean
  /** Something to do to the world just before one exchange. */
  readonly before?: Readonly<Record<number, (world: World) => void>>
}

export interface Stage {
  readonly world: World
  readonly graph: Call
  readonly arm: Call
}

/** A fresh world with the recordings' subscription, and a caller of each service. */
export async function createStage(tenantId = '54826b22-38d6-4fb2-bad9-b7b93a3e9c5a'): Promise<Stage> {
  const world = await createWorld({ tenantId, subscriptionId: '00000000-0000-0000-0000-000000000000' })
  Object.assign(world.endpoints, { entra: 'https://login.test', graph: 'https://graph.test', arm: 'https://arm.test' })
  const [graph, arm] = await Promise.all([
    createCaller(world, graphService(world), 'https://graph.microsoft.com'),
    createCaller(world, armService(world), 'https://management.azure.com/')
  ])
  return { world, graph, arm }
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
  seed?.(stage.world)
  let translation = new Translation()
  let played = 0
  for (const [index, exchange] of exchanges.entries()) {
    if (skipped[index] !== undefined) continue
    if (separate) {
      stage = stages.get(tenantOf(exchange)) ?? (await createStage(tenantOf(exchange)))
      stages.set(tenantOf(exchange), stage)
      stage.world.denied.clear()
      stage.world.roleAssignments.clear()
      seed?.(stage.world)
      translation = new Translation()
    }
    before[index]?.(stage.world)
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
  world: World,
  name: string,
  location = 'westus',
  tags: Record<string, string> = { cause: 'automation' }
): void {
  world.resourceGroups.set(name.toLowerCase(), { name, location, tags })
}
