import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { shellQuoted, UsageError } from '../errors.js'
import type { Log } from '../terminal/log.js'

/** A file that holds a secret and perhaps a line break after it. Throws a UsageError that names the file, never what is in it. */
export async function readSecretFile(flag: string, path: string): Promise<string> {
  const secret = (await readText(flag, path)).replace(/\r?\n$/, '')
  if (secret === '')
    throw new UsageError(`${flag} "${path}" is empty`, 'the file must hold the secret and nothing else')
  return secret
}

/**
 * One PEM text of certificate and key, as @azure/identity wants it. Both must be readable and belong together. Without a path of its own
 * the key is looked for beside the certificate, in the same file. `origin` is the flag or variable that named the certificate.
 */
export async function readCertificate(
  origin: string,
  certificatePath: string,
  keyPath = certificatePath
): Promise<string> {
  const certificateText = await readText(origin, certificatePath)
  const keyText = keyPath === certificatePath ? certificateText : await readText('--private-key-path', keyPath)
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(certificateText)
  } catch {
    throw new UsageError(
      `${origin} "${certificatePath}" holds no certificate`,
      'it must hold a block that begins with -----BEGIN CERTIFICATE-----'
    )
  }
  let key: KeyObject
  try {
    key = createPrivateKey(keyText)
  } catch {
    // What the library says of a broken key is not passed on: it is about a secret.
    throw new UsageError(
      `"${keyPath}" holds no private key that can be read`,
      'give the key, unencrypted and in PEM, with --private-key-path'
    )
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new UsageError(
      `the private key in "${keyPath}" does not belong to the certificate in "${certificatePath}"`,
      'give the pair that was made together'
    )
  }
  return keyPath === certificatePath ? certificateText : `${certificateText}\n${keyText}`
}

async function readText(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(
      `${flag} "${path}" cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`,
      `see: ls -l ${shellQuoted(path)}`
    )
  }
}

/** Warns of a file with a secret that others on this machine can read. A file that is not there is somebody else's error. */
export async function warnIfReadableByOthers(path: string, log: Pick<Log, 'warn'>): Promise<void> {
  // Windows keeps no such bits; what Node shows there means nothing.
  if (process.platform === 'win32') return
  const mode = await stat(path).then(
    found => found.mode,
    () => 0
  )
  if ((mode & 0o077) !== 0) log.warn(`others can read ${path}, which holds a secret: chmod 600 ${path}`)
}
