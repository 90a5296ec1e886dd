/**
 * Writing ASN.1 DER (X.690), as much of it as a certificate needs. By hand because the libraries that do this bring a dependency
 * injection container along, and the sandbox should be up in a blink.
 */
export type Der = Buffer

const tags = {
  boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, objectIdentifier: 0x06, utf8String: 0x0c, utcTime: 0x17, sequence: 0x30, set: 0x31
}

function encode(tag: number, content: Buffer): Der {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content])
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

export const sequence = (...items: readonly Der[]): Der => encode(tags.sequence, Buffer.concat(items))
export const set = (...items: readonly Der[]): Der => encode(tags.set, Buffer.concat(items))
export const boolean = (value: boolean): Der => encode(tags.boolean, Buffer.from([value ? 0xff : 0]))
export const octetString = (content: Buffer): Der => encode(tags.octetString, content)
export const utf8String = (text: string): Der => encode(tags.utf8String, Buffer.from(text))

/** A non-negative integer, big-endian. A leading one bit would make it negative, so a zero byte goes before it. */
export const integer = (bytes: Buffer): Der =>
  encode(tags.integer, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)

/** Bits whose number is a multiple of eight less `unused`. */
export const bitString = (content: Buffer, unused = 0): Der => encode(tags.bitString, Buffer.concat([Buffer.from([unused]), content]))

/** `YYMMDDHHMMSSZ`, for dates before 2050 (RFC 5280, 4.1.2.5). */
export const utcTime = (date: Date): Der =>
  encode(tags.utcTime, Buffer.from(date.toISOString().replace(/\.\d{3}|[-:T]/g, '').slice(2)))

/** `1.2.840.…`: the first two arcs share a byte, the others are in base 128. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return encode(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

/** `[n] EXPLICIT`: the content is a complete value. */
export const explicit = (number: number, content: Der): Der => encode(0xa0 | number, content)

/** `[n] IMPLICIT` over a primitive value: the tag replaces the value's own. */
export const implicit = (number: number, content: Buffer): Der => encode(0x80 | number, content)
