/** The environment variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

const loopback = ['localhost', '127.0.0.1', '::1']

/**
 * Returns the proxy variables for a child process: connections to loopback bypass the user's proxy. If the sandbox has
 * its own proxy, connections to the host names of the cloud go through that one. Sets both spellings of each variable,
 * because some tools read only one.
 */
export function proxyEnvironment(
  inherited: Environment,
  sandboxProxy?: { readonly url: string; readonly hosts: readonly string[] }
): Record<string, string> {
  if (sandboxProxy === undefined && !hasProxy(inherited)) return {}
  const exempt = exemptHosts(inherited).filter(
    entry => sandboxProxy?.hosts.some(host => coversHost(entry, host)) !== true
  )
  const noProxy = [...new Set([...exempt, ...loopback])].join(',')
  return {
    ...(sandboxProxy === undefined ? {} : { HTTPS_PROXY: sandboxProxy.url, https_proxy: sandboxProxy.url }),
    NO_PROXY: noProxy,
    no_proxy: noProxy
  }
}

function hasProxy(environment: Environment): boolean {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some(
    name => (environment[name] ?? '') !== ''
  )
}

function exemptHosts({ NO_PROXY = '', no_proxy = '' }: Environment): string[] {
  return `${NO_PROXY},${no_proxy}`.split(/[\s,]+/).filter(entry => entry !== '')
}

/**
 * Reports whether an entry of `NO_PROXY` matches a host name of the cloud. Such an entry would send the request to the
 * real cloud.
 */
function coversHost(entry: string, host: string): boolean {
  const name = entry
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\*?\.?/, '')
  return name === '' || host === name || host.endsWith(`.${name}`)
}
