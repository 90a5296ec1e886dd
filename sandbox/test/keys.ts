import { createSigningKey, type SigningKey } from '../src/signing-key.js'

let key: Promise<SigningKey> | undefined

/** Returns an RSA key that no cluster has. All tests of a process share it, because creating one takes long. */
export function unknownKey(): Promise<SigningKey> {
  return (key ??= createSigningKey())
}
