import { describe, expect, it } from 'vitest'
import published from '../fixtures/workloads.schema.json' with { type: 'json' }
import schema from '../../src/workloads/schema.json' with { type: 'json' }

describe('the schema of workload files', () => {
  it('has everything that the published schema has', () => {
    // Users, editors and pipelines rely on the published schema. A new option can add a field; what is published must not change.
    expect(schema).toMatchObject(published)
  })
})
