import { readFileSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import type { KeyObject } from 'node:crypto'
import type { Readable } from 'node:stream'
import { Command } from 'commander'
import { UsageError } from '../errors.js'
import { keyId, keySet, keySetText, signatureAlgorithm } from '../domain/key-set.js'
import { publicKeysFromPem } from '../domain/public-keys.js'
import type { Io } from '../terminal/io.js'
import type { Log } from '../terminal/log.js'
import { writeFileAtomically } from '../terminal/write-file.js'

interface JwksOptions {
  readonly publicKeys?: readonly string[]
  readonly outputFile?: string
}

interface NamedKey {
  readonly file: string
  readonly key: KeyObject
}

/** `azwi jwks`: prints the key set of an issuer, from the keys with which a cluster signs service account tokens. */
export function jwksCommand(io: Io): Command {
  return new Command('jwks')
    .summary('make the JSON Web Key Set of a service account issuer')
    .description(
      'Makes the JSON Web Key Set (JWKS) that a service account issuer publishes, from the keys of the cluster.\n' +
        'A key file is PEM: public keys, private keys (only their public half is used) or certificates, one or several.'
    )
    .option('--public-keys <files>', 'key files, comma-separated; repeatable; - reads stdin', splitAndCollect)
    .option('--output-file <file>', 'the file to write, with mode 0600 (default: stdout)')
    .addHelpText('after', '\nExample:\n  $ azwi jwks --public-keys sa.pub --output-file jwks.json')
    .action(async (options: JwksOptions) => {
      await jwks(io, options)
    })
}

async function jwks(io: Io, { publicKeys: files = [], outputFile }: JwksOptions): Promise<void> {
  const example = 'azwi jwks --public-keys sa.pub --output-file jwks.json'
  if (files.length === 0) throw new UsageError('--public-keys is required', example)
  if (files.includes('')) throw new UsageError(`--public-keys "${files.join(',')}" holds an empty file name`, example)
  if (outputFile === '')
    throw new UsageError('--output-file is empty', `${example}, or leave it out to write to stdout`)
  if (outputFile !== undefined) await refuseToOverwriteKeys(files, outputFile)

  const keys: NamedKey[] = []
  for (const file of new Set(files)) {
    const [pem, source] = file === '-' ? [await readStream(io.host.stdin), 'stdin'] : [readKeyFile(file), file]
    keys.push(...publicKeysFromPem(pem, source).map(key => ({ file: source, key })))
  }
  const set = await keySet(keys.map(({ key }) => key))
  warnIfUnsupportedByEntra(keys, io.log)

  const names = set.keys.map(({ kid }) => `key/${kid}`)
  if (outputFile === undefined) {
    await io.printResult({ text: keySetText(set), data: set, names })
  } else {
    await writeFileAtomically(outputFile, keySetText(set), 0o600)
    io.log.info('[jwks] wrote the key set', { file: outputFile, keys: set.keys.length })
    await io.printResult({ text: '', data: { file: outputFile, keys: set.keys.map(({ kid }) => kid) }, names })
  }
}

function splitAndCollect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...value.split(',').map(file => file.trim())]
}

/**
 * Throws a UsageError if the output file is one of the key files. `--public-keys sa.key --output-file sa.key` would overwrite a private
 * key, possibly its only copy.
 */
async function refuseToOverwriteKeys(files: readonly string[], outputFile: string): Promise<void> {
  const resolve = (file: string) => realpath(file).catch(() => undefined)
  const output = await resolve(outputFile)
  if (output === undefined) return
  for (const file of files) {
    if (file !== '-' && (await resolve(file)) === output) {
      throw new UsageError(
        `--output-file ${outputFile} is one of the key files`,
        'give the key set a file of its own: --output-file jwks.json'
      )
    }
  }
}

/** Reads a key file synchronously. For many small files, asynchronous reading takes ten times as long. */
function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const hint = 'give the path of a PEM file, or - to read it from stdin'
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new UsageError(`--public-keys: there is no file ${file}`, hint, error)
    if (code === 'EISDIR') throw new UsageError(`--public-keys: ${file} is a directory`, hint, error)
    throw new UsageError(`--public-keys: ${file} cannot be read (${String(code ?? error)})`, hint, error)
  }
}

async function readStream(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer | string>) chunks.push(Buffer.from(chunk as string))
  return Buffer.concat(chunks).toString('utf8')
}

/** Logs one warning for each key that Kubernetes can sign with and Entra does not accept. */
function warnIfUnsupportedByEntra(keys: readonly NamedKey[], log: Log): void {
  const warned = new Set<string>()
  for (const { file, key } of keys) {
    const result = signatureAlgorithm(key)
    if ('problem' in result || result.algorithm === 'RS256') continue
    const kid = keyId(key)
    if (warned.has(kid)) continue
    warned.add(kid)
    log.warn('[jwks] Entra accepts only RS256 (AADSTS5002738): it will refuse tokens signed with this key', {
      alg: result.algorithm,
      file,
      kid
    })
  }
}
