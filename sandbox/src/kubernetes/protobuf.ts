import type { Json, JsonObject } from '../json.js'

/** A field of a protobuf message, with the name of its member in JSON. */
type Field =
  | { readonly name: string; readonly type: 'string' | 'integer' | 'boolean' }
  | { readonly name: string; readonly type: 'map' }
  | { readonly name: string; readonly type: 'message'; readonly message: Message }
/** The fields of a message, by their number in the `generated.proto` of the Kubernetes API. */
type Message = Readonly<Record<number, Field & { readonly repeated?: true }>>

const metadata: Message = {
  1: { name: 'name', type: 'string' },
  2: { name: 'generateName', type: 'string' },
  3: { name: 'namespace', type: 'string' },
  5: { name: 'uid', type: 'string' },
  6: { name: 'resourceVersion', type: 'string' },
  11: { name: 'labels', type: 'map' },
  12: { name: 'annotations', type: 'map' },
  14: { name: 'finalizers', type: 'string', repeated: true }
}

const reference: Message = {
  1: { name: 'kind', type: 'string' },
  2: { name: 'namespace', type: 'string' },
  3: { name: 'name', type: 'string' }
}

/** The messages that kubectl sends as protobuf: it creates service accounts, namespaces, tokens and access reviews. */
const messages: Readonly<Record<string, Message>> = {
  ServiceAccount: {
    1: { name: 'metadata', type: 'message', message: metadata },
    2: { name: 'secrets', type: 'message', message: reference, repeated: true },
    3: { name: 'imagePullSecrets', type: 'message', message: { 1: { name: 'name', type: 'string' } }, repeated: true },
    4: { name: 'automountServiceAccountToken', type: 'boolean' }
  },
  Namespace: { 1: { name: 'metadata', type: 'message', message: metadata } },
  SelfSubjectAccessReview: {
    2: {
      name: 'spec',
      type: 'message',
      message: {
        1: {
          name: 'resourceAttributes',
          type: 'message',
          message: {
            1: { name: 'namespace', type: 'string' },
            2: { name: 'verb', type: 'string' },
            3: { name: 'group', type: 'string' },
            4: { name: 'version', type: 'string' },
            5: { name: 'resource', type: 'string' },
            6: { name: 'subresource', type: 'string' },
            7: { name: 'name', type: 'string' }
          }
        }
      }
    }
  },
  TokenRequest: {
    1: { name: 'metadata', type: 'message', message: metadata },
    2: {
      name: 'spec',
      type: 'message',
      message: {
        1: { name: 'audiences', type: 'string', repeated: true },
        3: {
          name: 'boundObjectRef',
          type: 'message',
          message: {
            1: { name: 'kind', type: 'string' },
            2: { name: 'apiVersion', type: 'string' },
            3: { name: 'name', type: 'string' },
            4: { name: 'uid', type: 'string' }
          }
        },
        4: { name: 'expirationSeconds', type: 'integer' }
      }
    }
  }
}

const unknownEnvelope: Message = {
  1: {
    name: 'typeMeta',
    type: 'message',
    message: { 1: { name: 'apiVersion', type: 'string' }, 2: { name: 'kind', type: 'string' } }
  }
}

/** The prefix of the envelope `runtime.Unknown` (kubernetes.io, API concepts, Protobuf encoding). */
const magic = Buffer.from('k8s\0')

/**
 * Decodes a protobuf body. Returns undefined for a kind that is not in `messages`. Fields that are not listed there are
 * dropped. Throws a RangeError for a malformed message.
 */
export function decodeProtobuf(body: Buffer): JsonObject | undefined {
  if (!body.subarray(0, magic.length).equals(magic)) return undefined
  const envelope = readFields(body.subarray(magic.length))
  const { typeMeta } = toObject(body.subarray(magic.length), unknownEnvelope)
  const { apiVersion = '', kind = '' } = (typeMeta ?? {}) as JsonObject
  const message = typeof kind === 'string' ? messages[kind] : undefined
  const raw = envelope.find(field => field.number === 2)?.bytes
  return message === undefined || raw === undefined ? undefined : { apiVersion, kind, ...toObject(raw, message) }
}

function toObject(bytes: Buffer, message: Message): JsonObject {
  const object: JsonObject = {}
  for (const wire of readFields(bytes)) {
    const field = message[wire.number]
    if (field === undefined) continue
    const value = toValue(wire, field)
    // Go encodes a missing string as an empty one.
    if (value === '' || value === undefined) continue
    if (field.type === 'map')
      object[field.name] = { ...(object[field.name] as JsonObject | undefined), ...(value as JsonObject) }
    else if (field.repeated) object[field.name] = [...((object[field.name] as Json[] | undefined) ?? []), value]
    else object[field.name] = value
  }
  return object
}

function toValue(wire: WireField, field: Field): Json | undefined {
  switch (field.type) {
    case 'string':
      return wire.bytes?.toString()
    case 'integer':
      return Number(wire.integer)
    case 'boolean':
      return wire.integer !== 0n
    case 'message':
      return wire.bytes === undefined ? undefined : toObject(wire.bytes, field.message)
    case 'map': {
      const entry = readFields(wire.bytes ?? Buffer.alloc(0))
      const part = (number: number) => entry.find(wireField => wireField.number === number)?.bytes?.toString() ?? ''
      return { [part(1)]: part(2) }
    }
  }
}

interface WireField {
  readonly number: number
  readonly integer?: bigint
  readonly bytes?: Buffer
}

/**
 * Splits a message into its fields (protobuf.dev, Encoding). Supports varints and length-delimited values. These
 * messages use no other wire types.
 */
function readFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = []
  let at = 0
  const varint = (): bigint => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 63n) throw new RangeError('A protobuf message that ends too early.')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    const number = tag >>> 3
    if ((tag & 7) === 0) {
      fields.push({ number, integer: varint() })
    } else if ((tag & 7) === 2) {
      const length = Number(varint())
      if (at + length > bytes.length) throw new RangeError('A protobuf message that ends too early.')
      fields.push({ number, bytes: bytes.subarray(at, at + length) })
      at += length
    } else {
      throw new RangeError(`A protobuf field of wire type ${tag & 7}.`)
    }
  }
  return fields
}
