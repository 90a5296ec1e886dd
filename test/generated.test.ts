import { describe, expect, it } from 'vitest'
import { generatedFiles } from '../scripts/generate/files.js'

const files = await generatedFiles(new URL('../', import.meta.url))

describe('generated files', () => {
  it.each(files)('$path is up to date', ({ path, current, generated }) => {
    expect(current, `${path} is stale: run npm run generate, and commit the result`).toBe(generated)
  })
})
