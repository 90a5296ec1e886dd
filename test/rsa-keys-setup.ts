import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'

/** Creates the two RSA keys that all tests share. No key is ever written to disk. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('rsaKeys', await Promise.all([generateRsaKey(), generateRsaKey()]))
}

async function generateRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
