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
