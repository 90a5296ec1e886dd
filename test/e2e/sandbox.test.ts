import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { binary, run, start, startFile } from '../helpers/binary.js'

const node = (script: string): string[] => ['sandbox', 'run', '--', process.execPath, '-e', script]

describe('azwi sandbox run', () => {
  it.each([0, 7])('exits with the exit code %i of its command', async code => {
    expect((await run(node(`process.exit(${code})`))).status).toBe(code)
  })

  it('exits with 128 plus the number of the signal that ended its command', async () => {
    expect((await run(node('process.kill(process.pid, "SIGTERM")'))).status).toBe(143)
  })

  it('exits with 127 for an unknown command, and names it', async () => {
    const { status, stderr } = await run(['sandbox', 'run', '--', 'no-such-command-anywhere'])
    expect(status).toBe(127)
    expect(stderr).toContain('Error: the command "no-such-command-anywhere" was not found')
  })

  it('passes arguments, streams and environment to its command', async () => {
    const { status, stdout, stderr } = await run([
      ...node('console.log(process.argv.slice(1).join("|"), process.env.KUBECONFIG, process.env.AZURE_CLIENT_ID)'),
      'a b',
      '--debug'
    ])
    expect(status, stderr).toBe(0)
    expect(stdout).toMatch(/^a b\|--debug \S+kubeconfig [0-9a-f-]{36}\n$/)
  })

  it('deletes its files', async () => {
    const { stdout } = await run(node('process.stdout.write(process.env.KUBECONFIG)'))
    expect(stdout).not.toBe('')
    expect(existsSync(stdout)).toBe(false)
  })

  it('forwards SIGTERM to its command', async () => {
    const { child, waitForOutput, ended } = start(
      node('process.on("SIGTERM", () => process.exit(9)); setInterval(() => {}, 1000); console.log("up")')
    )
    await waitForOutput('up')
    child.kill('SIGTERM')
    expect((await ended).status).toBe(9)
  })

  it('refuses a missing command', async () => {
    const { status, stderr } = await run(['sandbox', 'run'])
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: [^\n]+\nHint: [^\n]+\n$/)
  })
})

describe('azwi sandbox start', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'prints exports for a shell, serves until %s, and deletes its files',
    async signal => {
      const { child, waitForOutput, ended } = start(['sandbox', 'start'])
      await waitForOutput('Ctrl-C')
      child.kill(signal)
      const { status, stdout } = await ended
      expect([0, 130]).toContain(status)
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .every(line => /^export [A-Z_]+=\S/.test(line))
      ).toBe(true)
      const kubeconfig = /^export KUBECONFIG=(.+)$/m.exec(stdout)?.[1] ?? ''
      expect(kubeconfig).not.toBe('')
      expect(existsSync(kubeconfig)).toBe(false)
    }
  )

  it('serves another azwi that a shell starts with its exports', async () => {
    const script = `
      "$0" "$1" sandbox start > "$2/env" & pid=$!
      for i in $(seq 100); do [ -s "$2/env" ] && break; sleep 0.1; done
      . "$2/env"
      "$0" "$1" sa create --service-account-name app && "$0" "$1" sa delete --service-account-name app; code=$?
      kill $pid; wait $pid; exit $code`
    const folder = mkdtempSync(join(tmpdir(), 'azwi-start-'))
    const { status, stderr } = await startFile('/bin/sh', ['-c', script, process.execPath, binary, folder], {}).ended
    rmSync(folder, { recursive: true })
    expect(status, stderr).toBe(0)
    expect(stderr).toContain('[aad-application] deleted AAD application')
  })
})
