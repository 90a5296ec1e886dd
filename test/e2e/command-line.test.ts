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
  it.each(['version', '--help', '-h', 'help'])('has written down just what it would answer to %s', async word => {
    const { status, stdout, stderr } = await run([word])
    expect(await run([word, ...(word === 'version' ? ['-o', 'text'] : ['--debug'])])).toMatchObject({
      status,
      stdout,
      stderr
    })
    expect(stdout.length).toBeGreaterThan(4)
  })

  it('says its version, alone on a line', async () => {
    expect(await run(['version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('prints help on stdout and ends with 0 when it is called alone', async () => {
    const { status, stdout, stderr } = await run([])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: azwi/)
  })

  it('has no quarrel with a reader that stops reading', async () => {
    const { stdout, stderr } = await shell('set -o pipefail; "$0" "$1" --help | head -1; echo "code ${PIPESTATUS[0]}"')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^Usage: azwi.*\ncode 0\n$/)
  })

  it('runs as `npx azwi` in the checkout', async () => {
    // With a cold cache npm prepares the package first: dist/ would be built anew beneath the tests that run meanwhile.
    const { status, stdout } = await startFile('npx', ['--prefix', project, '--no-install', 'azwi', 'version'], {
      npm_config_ignore_scripts: 'true'
    }).ended
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` })
  })

  it('is run through a link, as npm installs it', async () => {
    const { status, stdout } = await shell(
      'd=$(mktemp -d); ln -s "$1" $d/azwi; "$0" $d/azwi version; code=$?; rm -r $d; exit $code'
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` })
  })

  it('ends with 2 on an unknown command, which it does not load anything for', async () => {
    const { status, stdout, stderr } = await run(['serviceacount'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^Error: .*serviceacount.*serviceaccount.*\nHint: .*\n$/)
  })
})

describe('the binary, in a sandbox', () => {
  const test = useFaultySandbox()

  it('ends as soon as its work is done, also where an issuer was given', async () => {
    const { status, stderr, milliseconds } = await run(
      [
        'sa',
        'create',
        '--service-account-name',
        'app',
        '--service-account-issuer-url',
        test.sandbox.state.cluster.issuer
      ],
      test.environment
    )
    expect(status, stderr).toBe(0)
    expect(milliseconds).toBeLessThan(2800)
  })

  it('does not wait long for a cluster that never answers, where its issuer is asked for advice only', async () => {
    test.fault(async (_, service, next) => {
      if (service === 'kubernetes')
        await new Promise(resolve => {
          setTimeout(resolve, 12_000).unref()
        })
      return next()
    })
    const { status, stderr, milliseconds } = await run(
      [
        'sa',
        'create',
        '--service-account-name',
        'app',
        '--skip-phases',
        'sa',
        '--service-account-issuer-url',
        'https://issuer.example/'
      ],
      test.environment
    )
    expect(status, stderr).toBe(0)
    expect(milliseconds).toBeLessThan(8000)
  })

  it('colours its log where FORCE_COLOR asks for it, and not in a pipe', async () => {
    const words = ['sa', 'create', 'phase', 'app', '--service-account-name', 'app']
    expect((await run(words, test.environment)).stderr).toMatch(/^INFO\[\d{4}\] /)
    expect((await run(words, { ...test.environment, FORCE_COLOR: '1' })).stderr).toMatch(
      /^\u001b\[36mINFO\u001b\[39m\[\d{4}\] /
    )
    expect((await run(words, { ...test.environment, FORCE_COLOR: '1', NO_COLOR: '1' })).stderr).toMatch(
      /^INFO\[\d{4}\] /
    )
  })
})
