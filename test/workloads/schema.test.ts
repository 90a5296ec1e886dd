import { describe, expect, it } from 'vitest'
import published from '../fixtures/workloads.schema.json' with { type: 'json' }
import schema from '../../src/workloads/schema.json' with { type: 'json' }

describe('the schema of workload files', () => {
  it('equals the published schema', () => {
    // Editors and pipelines rely on this schema. Change the snapshot only for a new version of the format.
    expect(schema).toEqual(published)
  })
})
