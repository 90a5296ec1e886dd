import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { logLines } from '../helpers/log.js'
import { identityFlags } from '../helpers/managed-identity.js'

const test = useFaultySandbox()
const words = ['sa', 'create', '--service-account-name', 'app', ...identityFlags]
const warnings = (stderr: string) =>
  logLines(stderr)
    .filter(({ level }) => level === 'WARN')
    .map(({ message }) => message)
function secretFile(text: string, mode = 0o600): string {
  const path = join(test.directory, 'secret')
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const login = (path: string, environment: Record<string, string> = {}, ...more: readonly string[]) =>
  test.azwi([...words, '--client-secret-file', path, ...more], { AZURE_CLIENT_SECRET: '', ...environment })

describe('--client-secret-file', () => {
  it.each([
    ['nothing', ''],
    ['a line break', '\n'],
    ['a line break of Windows', '\r\n']
  ])('can have %s after the secret', async (_, end) => {
    const { status, stderr } = await login(secretFile(test.sandbox.state.operator.clientSecret + end))
    expect(status, stderr).toBe(0)
    expect(warnings(stderr)).toEqual([])
    expect(stderr).not.toContain(test.sandbox.state.operator.clientSecret)
  })

  it('overrides AZURE_CLIENT_SECRET, which might be set for other tools', async () => {
    const { status, stderr } = await login(secretFile(test.sandbox.state.operator.clientSecret), {
      AZURE_CLIENT_SECRET: 'another'
    })
    expect(status, stderr).toBe(0)
  })

  it.skipIf(process.platform === 'win32').each([0o644, 0o640, 0o604])(
    'that others can read (%o) causes one warning, with the command to fix it',
    async mode => {
      const path = secretFile(test.sandbox.state.operator.clientSecret, mode)
      const { status, stderr } = await login(path)
      expect(status, stderr).toBe(0)
      expect(warnings(stderr)).toEqual([expect.stringContaining(`chmod 600 ${path}`)])
    }
  )

  it('with a wrong secret exits with 4, and the secret is not shown', async () => {
    const wrong = 'a-Wrong~Secret.That_Must_Not_Show'
    const { status, stderr } = await login(secretFile(wrong), {}, '--debug')
    expect(status).toBe(4)
    expect(stderr).not.toContain(wrong)
  })

  it.each([
    ['does not exist', () => '/nonexistent/secret'],
    ['is empty', () => secretFile('')],
    ['is only a line break', () => secretFile('\n')],
    [
      'is a folder',
      () => {
        mkdirSync(join(test.directory, 'folder'), { recursive: true })
        return join(test.directory, 'folder')
      }
    ]
  ])('that %s is refused before anything is sent', async (_, path) => {
    const { status, stderr } = await login(path())
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: --client-secret-file [^\n]+\nHint: [^\n]+\n$/)
    expect(test.sandbox.requests).toEqual([])
  })

  it('together with --client-secret is refused, and neither secret is shown', async () => {
    const { status, stderr } = await login(secretFile('from-the-file'), {}, '--client-secret', 'from-the-flag')
    expect(status).toBe(2)
    expect(stderr).not.toMatch(/from-the-(file|flag)/)
  })
})
