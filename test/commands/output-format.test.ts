import { describe, expect, it } from 'vitest'
import { azwi } from '../helpers/azwi.js'

describe('-o', () => {
  it.each([
    [['version', '-o', 'json']],
    [['-o', 'json', 'version']],
    [['--output', 'json', 'version']],
    [['--output=json', 'version']],
    [['-ojson', 'version']],
    [['version', '-o=json']],
    [['-o', 'name', 'version', '-o', 'json']]
  ])('%j: the flag can be before or after the command', async words => {
    const { status, stdout, stderr } = await azwi({}, words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ version: expect.any(String) as string })
  })

  it('formats errors too, as docs/output.md says', async () => {
    const { status, stdout, stderr } = await azwi({}, ['jwks', '-o', 'json'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'Usage', message: '--public-keys is required', hint: expect.any(String) as string, exitCode: 2 }
    })
  })

  it('can share a word with -A', async () => {
    for (const words of [['-Ao', 'json'], ['-Aojson'], ['-Ao=json']]) {
      const { status, stderr } = await azwi({}, ['doctor', 'name', ...words])
      expect({ status, error: JSON.parse(stderr) as unknown }).toMatchObject({ status: 2, error: { error: {} } })
    }
  })

  it('refuses an unknown format', async () => {
    expect((await azwi({}, ['version', '-o', 'xml'])).status).toBe(2)
  })

  it.each([
    [['version', '-o', 'junit']],
    [['-o', 'junit', 'sa', 'list']],
    [['sa', 'get', 'web', '-ojunit']],
    [['-o', 'junit']]
  ])('%j: only doctor accepts junit, and the error is text', async words => {
    const { status, stdout, stderr } = await azwi({}, words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .*junit.*Allowed choices are text, json, yaml, name\.\nHint: /)
  })

  it('lists the formats of the command in its help', async () => {
    const helpOf = async (...words: readonly string[]): Promise<string> =>
      (await azwi({}, words)).stdout.replace(/\s+/g, ' ')
    expect(await helpOf('doctor', '--help')).toContain('text, json, yaml, name, junit (default text)')
    expect(await helpOf('help', 'doctor')).toContain('text, json, yaml, name, junit (default text)')
    for (const words of [['--help'], ['version', '--help'], ['sa', 'list', '--help']])
      expect(await helpOf(...words)).not.toContain('junit')
  })
})
