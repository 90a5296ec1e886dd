import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { groupScope } from '../helpers/state.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { deviceCodeMessage, personWithDeviceCode } from '../helpers/stand-ins.js'

const test = useFaultySandbox()
/** Enters every device code at once. Returns a function that counts the codes. */
function enterCodes(): () => number {
  const { intercept, codes } = personWithDeviceCode(test.sandbox.state)
  test.fault(intercept)
  return codes
}
const run = (...words: readonly string[]) =>
  test.azwi(['sa', 'create', '--service-account-name', 'app', '--auth-method', 'device_code', ...words], {
    AZURE_CLIENT_SECRET: ''
  })

describe('--auth-method device_code', () => {
  it('shows the message on stderr, once, and nothing on stdout', async () => {
    const codes = enterCodes()
    const { status, stdout, stderr } = await run(...identityFlags)
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(stderr.split('\n')).toContain(deviceCodeMessage)
    expect(codes()).toBe(1)
    expect(stderr).not.toContain('a-Refresh~Token')
  })

  it('shows one code, although Graph and ARM each need a token', async () => {
    const codes = enterCodes()
    const { status, stderr } = await run('--azure-role', 'Reader', '--azure-scope', groupScope(test.sandbox.state))
    expect(status, stderr).toBe(0)
    expect(codes()).toBe(1)
  })
})
