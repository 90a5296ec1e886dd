import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../helpers/binary.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { installProgram, noServicePrincipal } from '../helpers/stand-ins.js'
import { writes } from '../helpers/state.js'

const test = useFaultySandbox()
const words = (method: string, ...more: readonly string[]) => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  ...identityFlags,
  '--auth-method',
  method,
  ...more
]

describe('--auth-method azd', () => {
  it('without a login exits with 4 and the command to log in', async () => {
    const script = "process.stderr.write('ERROR: not logged in, run `azd auth login` to login\\n'); process.exit(1)"
    const azd = installProgram(join(test.directory, 'bin', 'azd'), script)
    const { status, stderr } = await run(words('azd'), {
      ...test.environment,
      ...noServicePrincipal,
      PATH: `${dirname(azd)}:/usr/bin:/bin`
    })
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(
      new RegExp(`^Error: .*\nHint: azd auth login --tenant-id ${test.sandbox.state.tenantId}`, 'm')
    )
    expect(writes(test.sandbox)).toEqual([])
  })

  it('without azd installed exits with 4 and sends nothing', async () => {
    const { status, stderr } = await test.azwi(words('azd'), { ...noServicePrincipal, PATH: '/nonexistent' })
    expect(status).toBe(4)
    expect(stderr).toMatch(/^Error: [^\n]*\(azd\) is not on the PATH\nHint: [^\n]*azd-install[^\n]*\n$/)
    expect(test.sandbox.requests).toEqual([])
  })
})
