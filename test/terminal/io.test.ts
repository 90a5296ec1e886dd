import { describe, expect, it } from 'vitest'
import { isColorEnabled } from '../../src/terminal/colors.js'
import { recordedIo } from '../helpers/recorded-io.js'

const terminal = { isTTY: true }
const pipe = {}

describe('colour', () => {
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
  ])('%j with %j: %s', (stream, environment, wanted) => {
    expect(isColorEnabled(stream, environment)).toBe(wanted)
  })
})

describe('the streams', () => {
  it('stdout is data, stderr is talk', () => {
    const { io, stdout, stderr } = recordedIo()
    io.print('data\n')
    io.printMessage('talk')
    io.log.info('log')
    expect(stdout()).toBe('data\n')
    expect(stderr()).toBe('talk\nINFO[0000] log\n')
  })

  it('debug lines are only there where they were asked for', () => {
    for (const debug of [false, true]) {
      const { io, stderr } = recordedIo({}, debug)
      io.log.debug('detail')
      expect(stderr()).toBe(debug ? 'DEBU[0000] detail\n' : '')
    }
  })
})
