import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run } from '../helpers/binary.js'
import { startProxy, type TestProxy } from '../helpers/connect-proxy.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { copyKubeconfig } from '../helpers/kubeconfig.js'
import { identityFlags } from '../helpers/managed-identity.js'

const test = useFaultySandbox()
const words = ['sa', 'create', '--service-account-name', 'app', ...identityFlags]
const noProxyVariables = {
  HTTPS_PROXY: undefined,
  https_proxy: undefined,
  HTTP_PROXY: undefined,
  http_proxy: undefined,
  ALL_PROXY: undefined,
  all_proxy: undefined,
  NO_PROXY: undefined,
  no_proxy: undefined
}
/** Runs the command in a new process, because azwi reads the proxy variables of its process. */
const create = (environment: Record<string, string | undefined>, ...more: readonly string[]) =>
  run([...words, ...more], { ...test.environment, ...noProxyVariables, ...environment })
const authority = (service: 'arm' | 'entra' | 'kubernetes') => new URL(test.sandbox.state.endpoints[service]).host
let proxy: TestProxy
beforeEach(async () => {
  proxy = await startProxy()
})
afterEach(() => proxy.close())

describe('a proxy', () => {
  it.each(['HTTPS_PROXY', 'https_proxy'])('in %s is used for Azure and for the cluster', async variable => {
    const { status, stderr } = await create({ [variable]: proxy.url })
    expect(status, stderr).toBe(0)
    expect(new Set(proxy.tunnels)).toEqual(new Set([authority('arm'), authority('entra'), authority('kubernetes')]))
  })

  it('is not used for hosts in NO_PROXY', async () => {
    const { status, stderr } = await create({
      HTTPS_PROXY: proxy.url,
      NO_PROXY: `example.com,${authority('kubernetes')}`
    })
    expect(status, stderr).toBe(0)
    expect(new Set(proxy.tunnels)).toEqual(new Set([authority('arm'), authority('entra')]))
  })

  it.each(['*', '*localhost', 'localhost', 'example.com localhost'])(
    'is not used at all with NO_PROXY=%s',
    async NO_PROXY => {
      const { status, stderr } = await create({ HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY }, '--timeout', '5s')
      expect(status, stderr).toBe(0)
    }
  )

  it('is not used for the one port of a host that NO_PROXY names', async () => {
    const { status, stderr } = await create({ HTTPS_PROXY: proxy.url, NO_PROXY: authority('arm') })
    expect(status, stderr).toBe(0)
    expect(new Set(proxy.tunnels)).toEqual(new Set([authority('entra'), authority('kubernetes')]))
  })

  it('gets the login in its URL, which is never shown', async () => {
    const { status, stderr } = await create({ HTTPS_PROXY: proxy.url.replace('//', '//someone:s3cret%21@') }, '--debug')
    expect(status, stderr).toBe(0)
    expect(new Set(proxy.logins)).toEqual(new Set(['someone:s3cret!']))
    expect(stderr).not.toContain('s3cret')
  })

  it.each([
    ['does not exist', () => Promise.resolve({ url: 'http://127.0.0.1:1', close: () => Promise.resolve() })],
    ['requires a login', () => startProxy(407)],
    ['refuses', () => startProxy(403)]
  ])('that %s is reported as a problem of the proxy, not of the login', async (_, start) => {
    const failing = await start()
    const { status, stderr } = await create({ HTTPS_PROXY: failing.url }, '--timeout', '3s')
    await failing.close()
    expect(stderr).toMatch(/^Error: .+\nHint: .*proxy/m)
    expect(stderr).not.toContain('should not have happened')
    expect(stderr).not.toMatch(/^Hint: see that client id and secret/m)
    expect(status).toBe(1)
  })

  it('in proxy-url of the kubeconfig overrides HTTPS_PROXY, only for the cluster', async () => {
    const path = copyKubeconfig(test.environment.KUBECONFIG!, join(test.directory, 'proxied'), config => {
      config.clusters[0]!.cluster['proxy-url'] = proxy.url
    })
    const other = await startProxy()
    const { status, stderr } = await create({ KUBECONFIG: path, HTTPS_PROXY: other.url })
    await other.close()
    expect(status, stderr).toBe(0)
    expect(new Set(proxy.tunnels)).toEqual(new Set([authority('kubernetes')]))
    expect(new Set(other.tunnels)).toEqual(new Set([authority('arm'), authority('entra')]))
  })
})
