import { digest } from './digest.js'

/** What Azure Resource Manager takes as the name of a federated identity credential (azure-cli); Graph takes all of it and more. */
export const credentialNamePattern = /^[a-zA-Z0-9]{1}[a-zA-Z0-9-_]{2,119}$/

const longestName = 120
/** 160 bits of SHA-256, in hexadecimal: the same in either case, as ARM compares names without regard to case. */
const hashLength = 40

/**
 * The name of a federated identity credential that we make: valid in Graph and in ARM, the same for the same service account and issuer,
 * different for any other. It begins with the namespace and the name, for people; the hash behind them is what makes it unique.
 */
export function federatedIdentityCredentialName(namespace: string, name: string, issuer: string): string {
  const hash = digest('federatedIdentityCredential', namespace, name, issuer).toString('hex').slice(0, hashLength)
  const readable = `${namespace}-${name}`
    .replace(/[^a-zA-Z0-9_-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, longestName - hashLength - 1)
  return readable === '' ? hash : `${readable}-${hash}`
}
