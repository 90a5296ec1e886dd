import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import schema from '../../src/workloads/schema.json' with { type: 'json' }
import { setLabel } from '../../src/domain/annotations.js'
import { readDocuments } from '../../src/workloads/document.js'
import { validated } from '../../src/workloads/validate.js'
import { workloadsOf } from '../../src/workloads/workload.js'

const read = (path: string) => readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const manual = await read('docs/workloads.md')
const example = /```yaml\n([\s\S]*?)```/.exec(manual)?.[1] ?? ''

describe('docs/workloads.md', () => {
  it('has an example of four workloads, with the defaults filled in', () => {
    const [document] = readDocuments(example, 'example.yaml')
    const workloads = workloadsOf(document!, validated(document!))
    expect(
      workloads.map(({ namespace, name, sharedIdentity }) => [`${namespace}/${name}`, sharedIdentity !== undefined])
    ).toEqual([
      ['payments/api', false],
      ['payments-eu/worker', true],
      ['payments-us/worker', true],
      ['payments/reports', true]
    ])
    expect(workloads[3]?.flags).toEqual({
      serviceAccountName: 'reports',
      serviceAccountNamespace: 'payments',
      serviceAccountTokenExpiration: '2h',
      labels: { team: 'payments', [setLabel]: 'payments' },
      grant: [
        { role: 'Key Vault Secrets User', scope: 'rg:payments' },
        { role: 'Storage Blob Data Reader', scope: 'rg:data' }
      ],
      aadApplicationClientId: '5f1c7c53-6f0a-4a3e-9a57-0d8f4b7c2a11'
    })
  })

  it('has the same example as examples/workloads.yaml', async () => {
    expect(await read('examples/workloads.yaml')).toBe(example)
  })

  it('names every field of the schema', () => {
    const fields = Object.keys(schema.definitions.workload.properties)
    expect(fields.filter(field => !manual.includes(`\`${field}`))).toEqual([])
    // The defaults can have every field of a workload except its name.
    expect(Object.keys(schema.definitions.settings.properties)).toEqual(fields.filter(field => field !== 'name'))
  })
})
