declare module 'proxy-from-env' {
  /** Returns the proxy for a URL, from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` of this process. Empty if there is none. */
  export function getProxyForUrl(url: string): string
}
