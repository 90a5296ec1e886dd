import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { UsageError } from '../errors.js'
import { rsaPublicKey } from './public-key-encoding.js'
import { signatureAlgorithm } from './key-set.js'

const wanted =
  'a key file is PEM and holds public keys, private keys or certificates; make one with: ' +
  'openssl genrsa -out sa.key 2048 && openssl rsa -in sa.key -pubout -out sa.pub'
const publicHalf =
  'write its public half to a file of its own, and give that: openssl pkey -in sa.key -pubout -out sa.pub'
const fromOpenSsh = 'convert it to PEM: ssh-keygen -e -m PKCS8 -f sa.key > sa.pub'

/** One block's public key. The label says public, private or certificate; as in Kubernetes, the encoding is found by trying. */
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
 * The public key of every block in a PEM text, in order: of public keys, of private keys (their public half alone), of certificates.
 * Parameters and the text between blocks are skipped, as Kubernetes' keyutil does; anything else that it would silently skip is refused
 * here, since a key that is missing from the key set shows only when a pod is refused.
 *
 * @param source what the text is called in errors: the name of the file
 * @throws UsageError where there is no key, or a block is broken, encrypted, or a key that tokens cannot be signed with. The error names
 * the source and, where there are several blocks, the number of the block; it never holds any of the text, nor a cause that might.
 */
export function publicKeysFromPem(pem: string, source: string): readonly KeyObject[] {
  const blocks = pemBlocks(pem)
  const keys = blocks.flatMap((block, index) => {
    const place = blocks.length === 1 ? source : `block ${index + 1} of ${source}`
    return block.label.endsWith(' PARAMETERS') ? [] : [publicKey(block, place)]
  })
  if (keys.length > 0) return keys
  throw new UsageError(`${source} holds no key`, /^\s*(?:ssh-|ecdsa-sha2-)/m.test(pem) ? fromOpenSsh : wanted)
}

function publicKey(block: PemBlock, place: string): KeyObject {
  if (block.encrypted || block.label === 'ENCRYPTED PRIVATE KEY') {
    throw new UsageError(`${place} is an encrypted private key, which is not read`, publicHalf)
  }
  if (block.label === 'OPENSSH PRIVATE KEY')
    throw new UsageError(`${place} is a private key in the format of OpenSSH`, fromOpenSsh)
  const read = readers[block.label]
  if (read === undefined) throw new UsageError(`${place} is not a key: it begins with BEGIN ${block.label}`, wanted)
  const key = decoded(block, read)
  if (key === undefined)
    throw new UsageError(`${place} is broken: it begins with BEGIN ${block.label}, and cannot be read as that`, wanted)
  const found = signatureAlgorithm(key)
  if ('problem' in found) throw new UsageError(`${place} ${found.problem}`, wanted)
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

export interface PemBlock {
  /** What stands behind BEGIN: `PUBLIC KEY`. */
  readonly label: string
  /** Encrypted in the way of RFC 1421 (`Proc-Type: 4,ENCRYPTED`); the newer way has a label of its own. */
  readonly encrypted: boolean
  /** What the block holds, or undefined where it is broken: no END line, another's END line, or a body that is not base64. */
  readonly der: Buffer | undefined
}

/** Every PEM block of a text (RFC 7468), in order, the broken ones too. What stands between blocks is ignored, and so is indentation. */
export function pemBlocks(text: string): readonly PemBlock[] {
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
  // Buffer.from skips what is not base64, and would make another key of a damaged one.
  const isBase64 = body.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body)
  return { label, encrypted, der: isBase64 ? Buffer.from(body, 'base64') : undefined }
}
