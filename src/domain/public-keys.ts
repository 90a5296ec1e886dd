import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { UsageError } from '../errors.js'
import { rsaPublicKey } from './public-key-encoding.js'
import { signatureAlgorithm } from './key-set.js'

const keyFileHint =
  'a key file is PEM and holds public keys, private keys or certificates; make one with: ' +
  'openssl genrsa -out sa.key 2048 && openssl rsa -in sa.key -pubout -out sa.pub'
const publicKeyHint =
  'write its public half to a file of its own, and give that: openssl pkey -in sa.key -pubout -out sa.pub'
const openSshHint = 'convert it to PEM: ssh-keygen -e -m PKCS8 -f sa.key > sa.pub'

/** Functions that read the public key of a block, by label. As in Kubernetes, they try each encoding that the label allows. */
const readers: Readonly<Record<string, (der: Buffer) => KeyObject>> = {
  'PUBLIC KEY': readPublic,
  'RSA PUBLIC KEY': readPublic,
  'EC PUBLIC KEY': readPublic,
  'PRIVATE KEY': readPrivate,
  'RSA PRIVATE KEY': readPrivate,
  'EC PRIVATE KEY': readPrivate,
  CERTIFICATE: der => new X509Certificate(der).publicKey
}

/**
 * Returns the public key of every block in a PEM text, in order. A block can hold a public key, a private key or a certificate.
 *
 * Skips parameters and the text between blocks, as Kubernetes' keyutil does. Kubernetes also skips other blocks silently; azwi refuses
 * them, because a key that is missing from the key set goes unnoticed until Entra refuses a pod's token.
 *
 * @param source the name of the text in errors, such as the name of the file
 * @throws UsageError if the text has no key, or if a block is broken, encrypted, or holds a key that cannot sign tokens. The error names
 * the source and the number of the block. It contains no part of the text, and has no cause that might.
 */
export function publicKeysFromPem(pem: string, source: string): readonly KeyObject[] {
  const blocks = pemBlocks(pem)
  const keys = blocks.flatMap((block, index) => {
    const place = blocks.length === 1 ? source : `block ${index + 1} of ${source}`
    return block.label.endsWith(' PARAMETERS') ? [] : [publicKey(block, place)]
  })
  if (keys.length > 0) return keys
  throw new UsageError(`${source} holds no key`, /^\s*(?:ssh-|ecdsa-sha2-)/m.test(pem) ? openSshHint : keyFileHint)
}

function publicKey(block: PemBlock, place: string): KeyObject {
  if (block.encrypted || block.label === 'ENCRYPTED PRIVATE KEY') {
    throw new UsageError(`${place} is an encrypted private key, which is not read`, publicKeyHint)
  }
  if (block.label === 'OPENSSH PRIVATE KEY')
    throw new UsageError(`${place} is a private key in the format of OpenSSH`, openSshHint)
  const read = readers[block.label]
  if (read === undefined)
    throw new UsageError(`${place} is not a key: it begins with BEGIN ${block.label}`, keyFileHint)
  const key = decoded(block, read)
  if (key === undefined)
    throw new UsageError(
      `${place} is broken: it begins with BEGIN ${block.label}, and cannot be read as that`,
      keyFileHint
    )
  const result = signatureAlgorithm(key)
  if ('problem' in result) throw new UsageError(`${place} ${result.problem}`, keyFileHint)
  return key
}

function decoded({ der }: PemBlock, read: (der: Buffer) => KeyObject): KeyObject | undefined {
  try {
    return der && read(der)
  } catch {
    return undefined
  }
}

function readPublic(der: Buffer): KeyObject {
  const known = rsaPublicKey(der)
  if (known !== undefined) return known
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' })
  } catch {
    return createPublicKey({ key: der, format: 'der', type: 'pkcs1' })
  }
}

function readPrivate(der: Buffer): KeyObject {
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      return createPublicKey(createPrivateKey({ key: der, format: 'der', type }))
    } catch {
      continue
    }
  }
  return createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'sec1' }))
}

/** A block of a PEM text (RFC 7468). */
interface PemBlock {
  /** The label after BEGIN, such as `PUBLIC KEY`. */
  readonly label: string
  /** Whether a header says so, as in RFC 1421: `Proc-Type: 4,ENCRYPTED`. PKCS #8 has a label of its own for encrypted keys. */
  readonly encrypted: boolean
  /** The decoded body, or undefined if the block is broken: its END line is missing or has another label, or the body is not base64. */
  readonly der: Buffer | undefined
}

/** Returns every PEM block of a text in order, including broken ones. Ignores indentation, and the text between blocks. */
function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let open: { label: string; lines: string[] } | undefined
  for (const line of text.split(/\r\n|\r|\n/).map(raw => raw.trim())) {
    const begin = /^-----BEGIN (.+)-----$/.exec(line)?.[1]
    const end = /^-----END (.+)-----$/.exec(line)?.[1]
    if (begin !== undefined) {
      if (open) blocks.push(broken(open.label))
      open = { label: begin, lines: [] }
    } else if (end !== undefined && open) {
      blocks.push(end === open.label ? decode(open.label, open.lines) : broken(open.label))
      open = undefined
    } else {
      open?.lines.push(line)
    }
  }
  if (open) blocks.push(broken(open.label))
  return blocks
}

function broken(label: string): PemBlock {
  return { label, encrypted: false, der: undefined }
}

function decode(label: string, lines: readonly string[]): PemBlock {
  const headerEnd = lines[0]?.includes(':') ? lines.indexOf('') : 0
  if (headerEnd === -1) return broken(label)
  const encrypted = lines.slice(0, headerEnd).some(header => /^Proc-Type:.*ENCRYPTED/i.test(header))
  const body = lines.slice(headerEnd).join('').replace(/\s+/g, '')
  // Buffer.from skips characters that are not base64, and would decode a damaged key to another key.
  const isBase64 = body.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body)
  return { label, encrypted, der: isBase64 ? Buffer.from(body, 'base64') : undefined }
}
