import { createPrivateKey } from 'node:crypto'
import { inject } from 'vitest'
import { type SigningKey, signingKeyOf } from '../../sandbox/src/signing-key.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Private RSA keys of 2048 bits as PEM. The global setup generates them once for all test files. */
    readonly rsaKeys: readonly string[]
  }
}

let keys: readonly SigningKey[] | undefined

/** Returns one of the two RSA keys that all test files share, for tests that need a key but not a fresh one. */
export function preparedKey(number: 0 | 1 = 0): SigningKey {
  keys ??= inject('rsaKeys').map(pem => signingKeyOf(createPrivateKey(pem)))
  return keys[number]!
}
