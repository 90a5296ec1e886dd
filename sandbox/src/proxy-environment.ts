export type Environment = Readonly<Record<string, string | undefined>>

const loopback = ['localhost', '127.0.0.1', '::1']

/**
 * The variables that lead a child process past the user's own proxy to the listeners on loopback. With a proxy of the sandbox's own (`url`),
 * the host names of the cloud go through that one. Tools read one spelling or the other, so both are set.
 */
export function proxyEnvironment(
  inherited: Environment,
  own?: { readonly url: string; readonly hosts: readonly string[] }
): Record<string, string> {
  if (own === undefined && !hasProxy(inherited)) return {}
  const exempt = exemptHosts(inherited).filter(entry => own?.hosts.some(host => covers(entry, host)) !== true)
  const noProxy = [...new Set([...exempt, ...loopback])].join(',')
  return {
    ...(own === undefined ? {} : { HTTPS_PROXY: own.url, https_proxy: own.url }),
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

/** Whether an entry of `NO_PROXY` would lead to the real host: what the user says of the real cloud does not hold for the one that is played. */
function covers(entry: string, host: string): boolean {
  const name = entry
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\*?\.?/, '')
  return name === '' || host === name || host.endsWith(`.${name}`)
}
