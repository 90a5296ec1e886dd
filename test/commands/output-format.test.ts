import { describe, expect, it } from 'vitest'
import { azwi } from '../helpers/azwi.js'

describe('-o', () => {
  it.each([[['version', '-o', 'json']], [['-o', 'json', 'version']], [['--output', 'json', 'version']], [['--output=json', 'version']], [['-ojson', 'version']]])('%j: stands before the command or after it', async words => {
    const { status, stdout, stderr } = await azwi({}, words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ version: expect.any(String) as string })
  })

  it('gives errors to programs too, as docs/output.md has it', async () => {
    const { status, stdout, stderr } = await azwi({}, ['jwks', '-o', 'json'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'Usage', message: '--public-keys is required', hint: expect.any(String) as string, exitCode: 2 }
    })
  })

  it('refuses a format that there is not', async () => {
    expect((await azwi({}, ['version', '-o', 'xml'])).status).toBe(2)
  })
})
