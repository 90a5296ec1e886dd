import { AzwiError } from '../errors.js'

/**
 * Throws an AzwiError unless `url` has the origin of `endpoint`. Services answer long lists in pages and write the URL of the next page
 * themselves. The access token is only for the service, so azwi sends nothing to a URL of another origin.
 *
 * @param service the name of the service in messages, such as "Microsoft Graph"
 */
export function requireSameOrigin(url: string, endpoint: string, service: string): void {
  const { origin } = new URL(url, endpoint)
  const expected = new URL(endpoint).origin
  if (origin === expected) return
  throw new AzwiError(
    'ForeignNextLink',
    `${service} continues a list at ${origin}, which is not ${expected}: nothing was sent there`,
    { hint: 'check the proxy settings, and that --azure-env names the right cloud' }
  )
}
