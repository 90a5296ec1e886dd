import { describe, expect, it } from 'vitest'
import { isColorEnabled } from '../../src/terminal/colors.js'
import { recordedIo } from '../helpers/recorded-io.js'

const terminal = { isTTY: true }
const pipe = {}

describe('color', () => {
  it.each([
    [terminal, {}, true],
    [pipe, {}, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [terminal, { CI: 'true' }, false],
    [pipe, { FORCE_COLOR: '1' }, true],
    [pipe, { FORCE_COLOR: '' }, true],
    [terminal, { FORCE_COLOR: '0' }, false],
    [terminal, { CI: 'true', FORCE_COLOR: '1' }, true],
    [terminal, { NO_COLOR: '1', FORCE_COLOR: '1' }, false]
  ])('%j with %j: %s', (stream, environment, expected) => {
    expect(isColorEnabled(stream, environment)).toBe(expected)
  })
})

describe('the streams', () => {
  it('are stdout for data, and stderr for messages and the log', () => {
    const { io, stdout, stderr } = recordedIo()
    io.print('data\n')
    io.printMessage('message')
    io.log.info('log')
    expect(stdout()).toBe('data\n')
    expect(stderr()).toBe('message\nINFO[0000] log\n')
  })

  it('have debug lines only with --debug', () => {
    for (const debug of [false, true]) {
      const { io, stderr } = recordedIo({}, debug)
      io.log.debug('detail')
      expect(stderr()).toBe(debug ? 'DEBU[0000] detail\n' : '')
    }
  })
})
