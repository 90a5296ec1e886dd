import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSandboxFlags } from '../../src/commands/sandbox/session.js'
import { parseFaults, readFaults } from '../src/faults/read.js'
import { FaultsError } from '../src/faults/read-values.js'
import { type Faults, startSandbox } from '../src/sandbox.js'

const rule = (match: unknown, action: unknown = 'reset') => ({ rules: [{ match, action }] })
const action = (value: unknown) => ({ rules: [{ action: 'reset' }, { action: value }] })

describe('an error in faults', () => {
  it.each<[unknown, string]>([
    [[], '[] is not an object with any of rules, lag, negativeCache'],
    [{ rule: [] }, 'there is no "rule" here; there is rules, lag, negativeCache'],
    [{ rules: {} }, 'rules: a list is expected'],
    [{ rules: [null] }, 'rules[0]: null is not an object'],
    [
      { rules: [{}] },
      'rules[0].action: expected is "reset", "lost-answer", or an object with one of latency, stall, status, misleading, throttle'
    ],
    [rule({ services: 'arm' }), 'rules[0].match: there is no "services" here'],
    [rule({ service: 'azure' }), 'rules[0].match.service: "azure" is none of entra, graph, arm, kubernetes, issuer'],
    [rule({ service: ['arm', 'azure'] }), 'rules[0].match.service[1]: "azure" is none of'],
    [rule({ method: 1 }), 'rules[0].match.method: 1 is not a text'],
    [rule({ path: '' }), 'rules[0].match.path: "" is not a text'],
    [rule({ pathRegExp: '(' }), 'rules[0].match.pathRegExp: Invalid regular expression'],
    [rule({ nth: 0 }), 'rules[0].match.nth: 0 is not a whole number of at least 1'],
    [rule({ nth: [1, '4-2'] }), 'rules[0].match.nth[1]: "4-2" is neither a number nor a range'],
    [rule({ every: 1.5 }), 'rules[0].match.every: 1.5 is not a whole number'],
    [rule({ chance: 2 }), 'rules[0].match.chance: 2 is not a number from 0 to 1'],
    [action('lost'), 'rules[1].action: expected is'],
    [action({ latency: 1, status: 500 }), 'rules[1].action: expected is'],
    [action({ latency: { jitter: 3 } }), 'rules[1].action.latency.ms: nothing is not a number of at least 0'],
    [action({ stall: -1 }), 'rules[1].action.stall: -1 is not a number of at least 0'],
    [action({ status: 200 }), 'rules[1].action.status: 200 is not a whole number from 400 to 599'],
    [
      action({ status: 500, retryAfter: 'soon' }),
      'rules[1].action.retryAfter: "soon" is not an object with any of date'
    ],
    [action({ status: 500, retryAfter: { date: 1.5 } }), 'rules[1].action.retryAfter.date: 1.5 is not a whole number'],
    [action({ status: 500, afterWork: 'yes' }), 'rules[1].action.afterWork: true or false is expected'],
    [action({ misleading: 'lie' }), 'rules[1].action.misleading: "lie" is none of html, empty, null'],
    [action({ misleading: 'html', link: '' }), 'rules[1].action.link: "" is not a text'],
    [action({ misleading: 'html', afterWork: 1 }), 'rules[1].action.afterWork: true or false is expected'],
    [action({ throttle: 0 }), 'rules[1].action.throttle: 0 is not a number'],
    [action({ throttle: 1, burst: 0 }), 'rules[1].action.burst: 0 is not a whole number of at least 1'],
    [{ lag: { app: 1 } }, 'lag: there is no "app" here; there is application,'],
    [{ lag: { application: '1s' } }, 'lag.application: "1s" is not an object with any of ms, jitter'],
    [{ negativeCache: null }, 'negativeCache: null is not a number of at least 0']
  ])('is reported with its place: %j', (faults, message) => {
    expect(() => readFaults(faults)).toThrow(FaultsError)
    expect(() => readFaults(faults)).toThrow(message)
  })

  it('keeps a sandbox from starting', async () => {
    await expect(startSandbox({ faults: { rules: [{ action: 'x' }] } as unknown as Faults })).rejects.toThrow(
      FaultsError
    )
  })

  it('is reported if the text is not JSON', () => {
    expect(() => parseFaults('{"rules": [}')).toThrow(/^not JSON: .*\}/)
  })
})

describe('the flags of the sandbox', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'azwi-faults-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('accept a file or JSON for --faults', async () => {
    const file = join(directory, 'faults.json')
    await writeFile(file, '{"negativeCache": 1}')
    expect(await readSandboxFlags({ faults: file })).toEqual({ faults: { negativeCache: 1 } })
    expect(
      await readSandboxFlags({ faults: ' {"lag": {"application": 5}}', seed: '42', cloud: 'azureusgovernment' })
    ).toEqual({ faults: { lag: { application: 5 } }, seed: 42, cloud: 'AzureUSGovernment' })
  })

  it.each([
    [{ faults: '{"rules": 1}' }, '--faults: rules: a list is expected'],
    [{ faults: '/nonexistent/faults.json' }, '--faults: "/nonexistent/faults.json" cannot be read: ENOENT'],
    [{ seed: '-1' }, '--seed "-1" is not a whole number'],
    [{ cloud: 'AzureGermanCloud' }, '--cloud: the sandbox does not play a cloud named "AzureGermanCloud"'],
    [{ requestLog: '/nonexistent/log' }, '--request-log: "/nonexistent/log" cannot be written: ENOENT']
  ])('are a usage error: %j', async (flags, message) => {
    await expect(readSandboxFlags(flags)).rejects.toMatchObject({ name: 'UsageError', exitCode: 2, message })
  })
})

describe('docs/sandbox.md', () => {
  it('contains valid examples of faults', () => {
    const blocks = [...readFileSync('docs/sandbox.md', 'utf8').matchAll(/```json\n([\s\S]*?)```/g)].map(
      ([, text = '']) => text
    )
    expect(blocks.length).toBeGreaterThan(1)
    for (const block of blocks) expect(() => parseFaults(block)).not.toThrow()
  })
})
