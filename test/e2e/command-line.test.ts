import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { binary, run, startFile } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'

const project = fileURLToPath(new URL('../..', import.meta.url))
const { version } = JSON.parse(readFileSync(`${project}/package.json`, 'utf8')) as { version: string }
const shell = (script: string, environment: Record<string, string> = {}) =>
  startFile('/bin/bash', ['-c', script, process.execPath, binary], environment).ended

describe('the binary', () => {
  it.each(['version', '--help', '-h', 'help'])('prints the same for %s as the bundle does', async word => {
    const { status, stdout, stderr } = await run([word])
    expect(await run([word, ...(word === 'version' ? ['-o', 'text'] : ['--debug'])])).toMatchObject({
      status,
      stdout,
      stderr
    })
    expect(stdout.length).toBeGreaterThan(4)
  })

  it('prints its version on a line', async () => {
    expect(await run(['version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('prints help on stdout without arguments, and exits with 0', async () => {
    const { status, stdout, stderr } = await run([])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: azwi/)
  })

  it('exits with 0 if the reader of its output stops reading', async () => {
    const { stdout, stderr } = await shell('set -o pipefail; "$0" "$1" --help | head -1; echo "code ${PIPESTATUS[0]}"')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Usage: azwi.*\ncode 0\n$/)
  })

  it('runs as `npx azwi` in the checkout', async () => {
    // npm would first run `prepare`, which builds dist/ while other tests use it.
    const { status, stdout } = await startFile('npx', ['--prefix', project, '--no-install', 'azwi', 'version'], {
      npm_config_ignore_scripts: 'true'
    }).ended
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` })
  })

  it('runs through a symbolic link, as npm installs it', async () => {
    const { status, stdout } = await shell(
      'd=$(mktemp -d); ln -s "$1" $d/azwi; "$0" $d/azwi version; code=$?; rm -r $d; exit $code'
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` })
  })

  it('exits with 2 for an unknown command', async () => {
    const { status, stdout, stderr } = await run(['serviceacount'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .*serviceacount.*serviceaccount.*\nHint: .*\n$/)
  })
})

describe('the binary, in a sandbox', () => {
  const test = useFaultySandbox()

  it('exits when its work is done, without waiting for optional requests', async () => {
    // The cluster does not show its issuer until the process has ended.
    let release = (): void => undefined
    const ended = new Promise<void>(resolve => {
      release = resolve
    })
    test.fault(async ({ path }, _service, next) => {
      if (path === '/.well-known/openid-configuration') await ended
      return next()
    })
    const words = ['sa', 'create', '--service-account-name', 'app']
    const issuer = ['--service-account-issuer-url', 'https://issuer.example/']
    const { status, stderr } = await run([...words, ...issuer], test.environment)
    release()
    expect(status, stderr).toBe(0)
  })

  it('colours its log if FORCE_COLOR is set, and not in a pipe', async () => {
    const words = ['sa', 'create', 'phase', 'app', '--service-account-name', 'app']
    expect((await run(words, test.environment)).stderr).toMatch(/^INFO\[\d{4}\] /)
    expect((await run(words, { ...test.environment, FORCE_COLOR: '1' })).stderr).toMatch(
      /^\u001b\[36mINFO\u001b\[39m\[\d{4}\] /
    )
    // Node 22 and later warn about the two variables on stderr, so the log does not start there.
    const uncoloured = (await run(words, { ...test.environment, FORCE_COLOR: '1', NO_COLOR: '1' })).stderr
    expect(uncoloured).toMatch(/^INFO\[\d{4}\] /m)
    expect(uncoloured).not.toContain('\u001b[36m')
  })
})
