import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

/** Sends three requests to Entra and prints the status codes. */
const client = `
  const url = process.env.AZURE_AUTHORITY_HOST + '/common/discovery/instance'
  const { get } = require('node:https')
  const send = () => new Promise(resolve => get(url, response => resolve(response.resume().statusCode)).on('error', error => resolve(error.code)))
  send().then(async first => console.log([first, await send(), await send()].join(' ')))`

it('sandbox run accepts faults, a seed and a request log', { timeout: 120_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'azwi-run-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const log = join(directory, 'requests.jsonl')
  const faults = {
    rules: [
      { match: { nth: 1 }, action: { status: 429, retryAfter: 1 } },
      { match: { chance: 1, nth: 2 }, action: 'reset' }
    ]
  }
  const words = [
    'sandbox',
    'run',
    '--faults',
    JSON.stringify(faults),
    '--seed',
    '7',
    '--request-log',
    log,
    '--',
    process.execPath,
    '-e',
    client
  ]
  const child = spawn(process.execPath, ['bin/azwi.js', ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill()
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  expect(await once(child, 'close')).toEqual([0, null])
  expect(text).toBe('429 ECONNRESET 200\n')
  const lines = (await readFile(log, 'utf8'))
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  expect(lines).toMatchObject(
    [429, 0, 200].map(status => ({ service: 'entra', host: 'localhost', method: 'GET', status }))
  )
})
