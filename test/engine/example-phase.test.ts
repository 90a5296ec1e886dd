import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Settings } from '../../src/config/settings.js'
import type { Context } from '../../src/context.js'
import type { Event, Flow } from '../../src/engine/flow.js'
import { runFlow } from '../../src/engine/run.js'
import { phases } from '../../src/phases/index.js'
import { flowView } from '../../src/terminal/views/flow.js'
import { issuerCheck } from './example-phase.js'

const clientId = '11111111-2222-3333-4444-555555555555'
const withExample = [...phases, issuerCheck]

async function runExample(issuer: string, verb: Flow['verb'] = 'create') {
  const names = ['aadApplicationClientId', 'serviceAccountIssuerUrl'] as const
  const settings = new Settings(
    names,
    { aadApplicationClientId: clientId, serviceAccountIssuerUrl: 'https://flag.example/' },
    {}
  )
  const context = { settings, issuer: () => Promise.resolve(issuer) } as unknown as Context
  const events: Event[] = []
  const flow: Flow = { verb, phases: withExample, skip: [], only: issuerCheck, dryRun: false }
  const result = await runFlow(flow, context, {
    prepare: () => Promise.resolve(),
    confirm: () => Promise.resolve(),
    emit: event => {
      events.push(event)
    },
    interruption: new AbortController().signal
  })
  return { ...result, changes: events.flatMap(event => (event.type === 'changed' ? [event.change] : [])) }
}

describe('the example phase of CONTRIBUTING', () => {
  it('is the code that CONTRIBUTING shows', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
    const code = read('example-phase.ts').replaceAll('../../src/', '../')
    expect(read('../../CONTRIBUTING.md')).toContain(`\`\`\`ts\n${code}\`\`\``)
  })

  it('runs with no change to the engine, and gets its own field in the result', async () => {
    const { failures, changes } = await runExample('https://issuer.example/')
    expect(failures).toEqual([])
    const kinds = withExample.flatMap(({ objects }) => objects)
    const view = flowView({ kinds, changes, skipped: [], errors: [], dryRun: false })
    expect(view.data).toEqual({
      issuer: { action: 'kept', issuer: 'https://issuer.example/', clientId },
      roleAssignments: []
    })
    expect(view.names).toEqual(['issuer/https://issuer.example/'])
  })

  it('fails while planning, so that nothing is written', async () => {
    const { failures, changes } = await runExample('http://issuer.example/')
    expect(failures).toEqual([expect.objectContaining({ code: 'IssuerNotHttps' })])
    expect(changes).toEqual([])
  })

  it('has nothing to do in delete', async () => {
    await expect(runExample('https://issuer.example/', 'delete')).rejects.toThrow('it creates nothing')
  })
})
