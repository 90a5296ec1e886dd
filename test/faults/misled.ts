import { misleadingKinds, type MisleadingKind } from '../../sandbox/src/faults/format.js'
import { changesAnswer, misleadingAnswer } from '../../sandbox/src/faults/misleading-answer.js'
import type { SandboxResponse } from '../../sandbox/src/server/http.js'
import { endState, type EndState } from './end-state.js'
import type { MisledFlow } from './misleading-flows.js'
import type { Played, Script, Stage } from './stage.js'

/** A misleading answer, and whether the service does its work before it. */
export interface Lie {
  readonly kind: MisleadingKind
  readonly isDone: boolean
}

export const lies: readonly Lie[] = misleadingKinds.flatMap(kind =>
  changesAnswer(kind) ? [{ kind, isDone: true }] : [false, true].map(isDone => ({ kind, isDone }))
)

export const nameOf = ({ kind, isDone }: Lie): string => (isDone && !changesAnswer(kind) ? `${kind}, work done` : kind)

/**
 * - `converged`: azwi exits with 0, in the same state as without the fault.
 * - `refused`: azwi exits with another code, a second run converges, and all that the first one created can be deleted.
 * - `same`: the answer is the one that the service gives, so that the fault is none.
 * - `undetectable`: azwi exits with 0 in another state, but the answer looks like the one that the service gives when it does the work.
 * - `failed`: anything else.
 */
export type Verdict = 'converged' | 'refused' | 'same' | 'undetectable' | 'failed'

/** One request of a flow, and the answer that it gets. */
export interface MisledSchedule {
  readonly flow: string
  readonly verb: MisledFlow['verb']
  readonly lie: Lie
  readonly label: string
}

export interface MisledResult extends MisledSchedule {
  readonly verdict: Verdict
  /** Whether a request had the label. */
  readonly isMet: boolean
  /** What is wrong, for a person. Empty unless it failed. */
  readonly trouble: string
}

/** A flow without faults: its requests with their answers, and the states before and after it. */
export interface Rehearsal {
  readonly answers: ReadonlyMap<string, SandboxResponse>
  readonly before: EndState
  readonly wanted: EndState
}

/** Runs the flow without faults. A flow that azwi refuses must change nothing. */
export async function rehearseMisled(stage: Stage, { name, verb }: MisledFlow): Promise<Rehearsal> {
  stage.reset()
  const before = endState(stage.sandbox.state)
  const answers = new Map<string, SandboxResponse>()
  const { status, stderr } = await stage.play(async (label, next) => {
    const answer = await next()
    answers.set(label, answer)
    return answer
  })
  if ((status === 0) === (verb === 'refused'))
    throw new Error(`${name} without faults ended with ${status}:\n${stderr}`)
  return { answers, before, wanted: verb === 'refused' ? before : endState(stage.sandbox.state) }
}

/** Returns the schedules of a flow. Requests from Entra to the issuer are not requests of azwi. */
export function misledSchedules({ name, verb }: MisledFlow, { answers }: Pick<Rehearsal, 'answers'>): MisledSchedule[] {
  return [...answers.keys()]
    .filter(label => !label.startsWith('issuer '))
    .flatMap(label => lies.filter(lie => isApplicable(lie, label)).map(lie => ({ flow: name, verb, lie, label })))
}

/** Reports whether a lie is worth a run: only for a write it matters whether the work is done, and only a read is a list. */
function isApplicable({ kind, isDone }: Lie, label: string): boolean {
  const isWrite = /^(graph|arm|kubernetes) (PUT|POST|PATCH|DELETE) /.test(label) && !/\$batch|\/list[A-Z]/.test(label)
  if (kind === 'next-link') return !isWrite
  return isWrite || !isDone || changesAnswer(kind)
}

/** The path of the link to another host. It leads to another port, which is another origin. */
const foreignPath = '/elsewhere'

/** Runs a flow in which one request gets a misleading answer, and judges the end. */
export async function playMisled(
  stage: Stage,
  flow: MisledFlow,
  schedule: MisledSchedule,
  { answers, before, wanted }: Rehearsal
): Promise<MisledResult> {
  const { lie, label } = schedule
  stage.reset()
  const link = `${stage.sandbox.state.endpoints.issuer}${foreignPath}`
  const leaks: string[] = []
  const met = { isMet: false, isSame: false }
  const script: Script = (each, next, _kill, request) => {
    if (request.path.startsWith(foreignPath) && request.headers.authorization !== undefined) leaks.push(each)
    if (met.isMet || each !== label) return undefined
    met.isMet = true
    return answerWith(lie, next, link).then(({ answer, isSame }) => {
      met.isSame = isSame
      return answer
    })
  }
  const first = await stage.play(script)
  const judged = { ...schedule, isMet: met.isMet, trouble: '' }
  if (!met.isMet) return { ...judged, verdict: 'failed', trouble: 'no request had the label' }
  if (met.isSame) return { ...judged, verdict: 'same' }
  const wrongs = first.status === 0 ? differences('exit 0', wanted, endState(stage.sandbox.state)) : []
  const troubles = [...leaks.map(each => `a token went to another host: ${each}`), ...selfAccusations(first)]
  if (wrongs.length > 0 && troubles.length === 0 && isPlausible(lie, answers.get(label), link))
    return { ...judged, verdict: 'undetectable' }
  troubles.push(...wrongs)
  if (first.status !== 0) troubles.push(...(await recover(stage, flow, first, before, wanted)))
  const verdict = troubles.length > 0 ? 'failed' : first.status === 0 ? 'converged' : 'refused'
  return { ...judged, verdict, trouble: troubles.join('\n    ') }
}

async function answerWith(
  { kind, isDone }: Lie,
  next: () => Promise<SandboxResponse>,
  link: string
): Promise<{ answer: SandboxResponse; isSame: boolean }> {
  const real = isDone ? await next() : undefined
  const answer = misleadingAnswer(kind, real ?? { status: 200 }, link)
  return { answer, isSame: real !== undefined && looksLike(answer, real) }
}

/** Reports whether the answer, which the service did not give, looks like the one that it gives. */
function isPlausible({ kind, isDone }: Lie, real: SandboxResponse | undefined, link: string): boolean {
  return !isDone && real !== undefined && looksLike(misleadingAnswer(kind, real, link), real)
}

/** Reports whether two answers have the same status and body. */
function looksLike(one: SandboxResponse, other: SandboxResponse): boolean {
  const text = ({ body = '' }: SandboxResponse): string => (typeof body === 'string' ? body : JSON.stringify(body))
  return one.status === other.status && text(one) === text(other)
}

/** Runs the line again after azwi has refused it, and then, from the same state, the lines that delete what it created. */
async function recover(
  stage: Stage,
  flow: MisledFlow,
  first: Played,
  before: EndState,
  wanted: EndState
): Promise<string[]> {
  const found = () => endState(stage.sandbox.state)
  if (flow.verb === 'refused') return differences('refused', wanted, found())
  const restore = stage.keep()
  const second = await stage.play()
  const troubles = [
    ...selfAccusations(second),
    ...(second.status === 0 ? [] : [`the second run ended with ${second.status}: ${errorsIn(second)}`]),
    ...differences(`first exit ${first.status}, second run`, wanted, found())
  ]
  if (flow.undo === undefined) return troubles
  restore()
  for (const line of flow.undo(stage.sandbox.state)) {
    const undone = await stage.run(line)
    if (undone.status !== 0) troubles.push(`the deletion ended with ${undone.status}: ${errorsIn(undone)}`)
  }
  return [...troubles, ...differences('after the deletion', before, found())]
}

/** An answer of a server must not make azwi report a fault of its own. */
function selfAccusations({ stderr }: Played): string[] {
  return /should not have happened|please report/i.test(stderr) ? [`azwi reports a bug: ${errorsIn({ stderr })}`] : []
}

function errorsIn({ stderr }: Pick<Played, 'stderr'>): string {
  return stderr
    .split('\n')
    .filter(line => line.startsWith('Error'))
    .join(' ')
}

/** Deleted applications do not count: it does not matter how many there are. */
function differences(when: string, wanted: EndState, found: EndState): string[] {
  const missing = wanted.objects.filter(object => isLive(object) && !found.objects.includes(object))
  const extra = found.objects.filter(object => isLive(object) && !wanted.objects.includes(object))
  return [
    ...missing.map(object => `${when}: missing ${object}`),
    ...extra.map(object => `${when}: left ${object}`),
    ...found.duplicates.map(object => `${when}: twice ${object}`)
  ]
}

const isLive = (object: string): boolean => !object.startsWith('deleted ')
