import { readFileSync } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Host } from '../host.js'

/**
 * Returns a TLS context that also trusts the certificates in `NODE_EXTRA_CA_CERTS`, or undefined if Node already trusts them. Node reads
 * the variable only when a process starts, from that process's environment. A host with an environment of its own (a test, an embedding
 * program) gets the same behavior here.
 */
export function extraTrust({ environment }: Pick<Host, 'environment'>): SecureContext | undefined {
  const path = environment.NODE_EXTRA_CA_CERTS
  if (path === undefined || path === '' || path === process.env.NODE_EXTRA_CA_CERTS) return undefined
  const secureContext = createSecureContext()
  // Adding to Node's own store, which Node parses once. With the option `ca`, Node would parse every root again for each connection.
  const store = secureContext.context as { addCACert: (pem: string) => void }
  store.addCACert(readFileSync(path, 'utf8'))
  return secureContext
}
