import { describe, expect, it } from 'vitest'
import { AzwiError, LoginError, UsageError } from '../../src/errors.js'
import { reportError } from '../../src/terminal/report-error.js'
import { recordedIo } from '../helpers/recorded-io.js'

function report(error: unknown, debug = false) {
  const { io, stdout, stderr } = recordedIo()
  const status = reportError(error, io, debug)
  return { status, stdout: stdout(), stderr: stderr() }
}

describe('an error', () => {
  it.each([
    [new AzwiError('Code', 'what is wrong', { hint: 'what to do' }), 1],
    [new UsageError('what is wrong', 'what to do'), 2],
    [new LoginError('Code', 'what is wrong', 'what to do'), 4],
    [new AzwiError('Code', 'what is wrong', { hint: 'what to do', exitCode: 127 }), 127]
  ])('%s is a line and a hint on stderr, and determines the exit code', (error, status) => {
    expect(report(error)).toEqual({ status, stdout: '', stderr: 'Error: what is wrong\nHint: what to do\n' })
  })

  it('without a hint is one line', () => {
    expect(report(new AzwiError('Code', 'what is wrong')).stderr).toBe('Error: what is wrong\n')
  })

  it.each([new Error('unexpected'), 'unexpected'])('that is unexpected asks the user to report it', error => {
    expect(report(error)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Error: unexpected\nHint: .*report it.*--debug/) as string
    })
  })

  it('shows its stack only with debug', () => {
    expect(report(new UsageError('wrong')).stderr).not.toContain('    at ')
    expect(report(new UsageError('wrong'), true).stderr).toContain('    at ')
  })

  it('stays on one line if a value has line breaks', () => {
    expect(report(new UsageError('--flag "a\nHint: forged\u001b[31m" is wrong', 'real')).stderr).toMatch(
      /^Error: [^\n\u001b]+\nHint: real\n$/
    )
  })
})
