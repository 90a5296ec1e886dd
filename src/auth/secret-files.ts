import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { shellQuoted, UsageError } from '../errors.js'
import type { Log } from '../terminal/log.js'

/** Reads a secret from a file, without the line break at its end. Throws a UsageError that names the file, and never its content. */
export async function readSecretFile(flag: string, path: string): Promise<string> {
  const secret = (await readText(flag, path)).replace(/\r?\n$/, '')
  if (secret === '')
    throw new UsageError(`${flag} "${path}" is empty`, 'the file must hold the secret and nothing else')
  return secret
}

/**
 * Reads a certificate and its key, and returns both as one PEM text for @azure/identity. By default, the key is in the file of the
 * certificate. Throws a UsageError if a file cannot be read, or if the key does not belong to the certificate.
 *
 * @param origin the flag or variable that names the certificate
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
    // Without the library's error as the cause, because it could hold parts of the key.
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

/** Warns if other users of this machine can read a file that holds a secret. Ignores a missing file. */
export async function warnIfReadableByOthers(path: string, log: Pick<Log, 'warn'>): Promise<void> {
  // On Windows, the mode that Node reports does not reflect who can read the file.
  if (process.platform === 'win32') return
  const mode = await stat(path).then(
    found => found.mode,
    () => 0
  )
  if ((mode & 0o077) !== 0) log.warn(`others can read ${path}, which holds a secret: chmod 600 ${path}`)
}
