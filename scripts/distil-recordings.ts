/**
 * Writes the tables in sandbox/test/recorded/ from recordings of real exchanges with Azure. Run it by hand when there
 * are new recordings:
 *
 * npx tsx scripts/distil-recordings.ts <folder of recordings>
 *
 * The recordings are not part of the project. They contain the IDs of real tenants, and the tests compare only a small
 * part of them. This script alone knows their format: a recording is a JSON file `{ source, exchanges: [{ request: {
 * method, url, body? }, response: { status, headers?, body? }, truncated? }] }`. `request` is null if only the response
 * is known. `truncated` says that the recorder shortened a list.
 *
 * A table keeps what the tests send and compare:
 * - of a request the method, the URL and the JSON body;
 * - of a response the status, the content type, the error, and the shape of the body: keys in their order, types in
 * place of values.
 *
 * Placeholders such as `{applications.appId}` replace IDs. Only the IDs of built-in roles and of Microsoft's own
 * applications stay, because they are public and the same in every tenant. sandbox/test/recorded-table.ts describes the
 * format of a table and reads it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { isJsonObject, type Json, type JsonObject, textAt } from '../sandbox/src/json.js'
import type { RecordedError, RecordedExchange, RecordedTable, Recording } from '../sandbox/test/recorded-table.js'

/** The recordings of each table. */
const tables = {
  graph: [
    'graph/azcli-test_app_create_idempotent',
    'graph/azcli-test_app_federated_credential',
    'graph/azcli-test_service_principal_scenario',
    'graph/graph-errors-from-logs'
  ],
  arm: [
    'identity/azcli-test_identity_management',
    'identity/azcli-test_federated_identity_credential',
    'role/azcli-test_create_for_rbac_password_with_assignment',
    'role/azcli-test_role_definition_scenario',
    'role/azcli-test_containerapp_registry_identity_user-RoleAssignmentExists',
    'aks/azcli-test_aks_create_with_oidc_issuer_enabled',
    'aks/azcli-test_aks_create_with_workload_identity_enabled',
    'clouds/metadata-endpoints'
  ],
  'arm-errors': [
    'errors/azcli-authz-msi-graph-errors',
    'errors/azcli-AuthorizationFailed',
    'errors/azcli-ResourceGroupNotFound',
    'errors/aso-ResourceNotFound',
    'errors/arm-errors-from-logs'
  ],
  entra: ['entra/token-federated-errors', 'entra/token-assertion-errors-msal-net', 'entra/token-success-and-discovery']
}

interface RawExchange {
  readonly request: { readonly method: string; readonly url: string; readonly body?: Json } | null
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Json
  }
  readonly truncated?: string
}

interface RawRecording {
  readonly source: string
  readonly exchanges: readonly RawExchange[]
}

interface RawRoles {
  readonly builtInRoles: readonly { readonly roleName: string; readonly name: string }[]
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const guidWithoutDashes = /\b([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})\b/gi
const applicationOfMicrosoft = /^0000000[0-9a-f]-0000-0000-c000-000000000000$/
/** What the recorder of the Azure CLI writes in place of each subscription. */
const recordersSubscription = '00000000-0000-0000-0000-000000000000'

/** The IDs of one recording, and the placeholders that replace them. */
class Placeholders {
  readonly #names = new Map([[recordersSubscription, 'subscription']])
  readonly #publicIds: ReadonlySet<string>
  readonly #used: string

  /**
   * The replay needs an ID if a request, an error message or a challenge contains it. `used` is the text of all of
   * these.
   */
  constructor(used: string, publicIds: ReadonlySet<string>) {
    this.#used = used.toLowerCase()
    this.#publicIds = publicIds
  }

  /** The names of the placeholders, in the order of their appearance, without that of the subscription. */
  get names(): string[] {
    return [...this.#names.values()].slice(1)
  }

  /** Gives an ID a placeholder. Does nothing if it has one, if it is public, or if the replay does not need it. */
  add(id: string, name: string): void {
    const key = id.toLowerCase().replace(guidWithoutDashes, '$1-$2-$3-$4-$5')
    if (this.#names.has(key) || this.#publicIds.has(key) || applicationOfMicrosoft.test(key)) return
    if (!this.#used.includes(key) && !this.#used.includes(withoutDashes(key))) return
    this.#names.set(key, unused(name, this.#names.values()))
  }

  /** Replaces the IDs in a text, with dashes or without. */
  replace(text: string): string {
    let replaced = text
    for (const [id, name] of this.#names) {
      replaced = replaced
        .replace(new RegExp(id, 'gi'), `{${name}}`)
        .replace(new RegExp(withoutDashes(id), 'gi'), `{undashed ${name}}`)
    }
    return replaced
  }

  /** Returns the placeholder of a text that is nothing but an ID. */
  of(text: string): string | undefined {
    const name = this.#names.get(text.toLowerCase())
    return name === undefined ? undefined : `{${name}}`
  }
}

function distil({ source, exchanges }: RawRecording, publicIds: ReadonlySet<string>): Recording {
  const used = exchanges.flatMap(({ request, response }) => [
    request?.url,
    isJsonObject(request?.body) ? JSON.stringify(request.body) : undefined,
    errorOf(response.body)?.message,
    response.headers?.['www-authenticate']
  ])
  const placeholders = new Placeholders(used.join('\n'), publicIds)
  for (const exchange of exchanges) addPlaceholders(exchange, placeholders)
  return {
    // The rest says how the recorder worked.
    source: source.replace(/(?:;|,? \(|, recordings|, as stored).*$/s, ''),
    ids: placeholders.names,
    exchanges: exchanges.map(exchange => distilExchange(exchange, placeholders))
  }
}

/** Where the ID of a tenant stands in a response. */
const tenantId = new RegExp(
  `(?:"tenantId":"|"appOwnerOrganizationId":"|in the directory |https://(?:login|sts)\\.[a-z.]+/)(${guid.source})`,
  'gi'
)

/** Names the IDs that an exchange is the first to show, after the collection and the property in which they stand. */
function addPlaceholders({ request, response }: RawExchange, placeholders: Placeholders): void {
  for (const [, id = ''] of JSON.stringify(response).matchAll(tenantId)) placeholders.add(id, 'tenant')
  const path = request === null ? '' : new URL(request.url).pathname
  const collection = collectionOf(path)
  for (const [, name = '', id = ''] of path.matchAll(new RegExp(`([^/]+)/(${guid.source})(?=/|$)`, 'gi'))) {
    placeholders.add(id, `${name}.name`)
  }
  const addAll = (value: Json | undefined, property: string): void => {
    if (typeof value === 'string') {
      for (const pattern of [guid, guidWithoutDashes]) {
        for (const [id] of value.matchAll(pattern)) placeholders.add(id, `${collection}.${property}`)
      }
    } else if (Array.isArray(value)) {
      for (const entry of value) addAll(entry, property)
    } else if (isJsonObject(value)) {
      for (const [key, entry] of Object.entries(value)) if (!key.startsWith('@odata.')) addAll(entry, key)
    }
  }
  addAll(request?.body, 'body')
  addAll(response.body, 'body')
  addAll(request?.url, 'query')
}

/**
 * Returns the last collection of a path. Collections and names alternate: after the last provider in ARM, after the
 * version in Graph.
 */
function collectionOf(path: string): string {
  const segments = path.replace(/^.*\/providers\/[^/]+\/|^\/[^/]+\//, '').split('/')
  return segments.filter((_segment, index) => index % 2 === 0).at(-1) ?? ''
}

function distilExchange({ request, response, truncated }: RawExchange, placeholders: Placeholders): RecordedExchange {
  const { status, headers = {}, body } = response
  const error = errorOf(body)
  const replace = (text: string | undefined) => (text === undefined ? undefined : placeholders.replace(text))
  // A body that is text is a form or a template. No test sends one.
  const sent = isJsonObject(request?.body) ? request.body : undefined
  return defined({
    request: request === null ? undefined : placeholders.replace(`${request.method} ${request.url}`),
    body:
      sent === undefined ? undefined : (JSON.parse(withoutKeys(placeholders.replace(JSON.stringify(sent)))) as Json),
    status,
    contentType: headers['content-type'],
    location: status === 201 ? headers.location?.replace(/^https:\/\/[^/]+/, '').replace(guid, '*') : undefined,
    challenge: replace(headers['www-authenticate']),
    failureCause: error === undefined ? undefined : headers['x-ms-failure-cause'],
    error: error === undefined ? undefined : defined({ ...error, message: replace(error.message) }),
    shape: body === undefined ? undefined : shapeOf(body, placeholders),
    truncated: truncated === undefined ? undefined : true
  })
}

/** Reads an error of Graph and ARM, whose `error` is an object, or of Entra, whose `error` is a code. */
function errorOf(body: Json | undefined): RecordedError | undefined {
  if (!isJsonObject(body)) return undefined
  const { error, error_codes: codes } = body
  if (isJsonObject(error)) {
    const code = textAt(error, 'code')
    // The message of AuthorizationFailed names a user. No test compares it.
    return defined({ code, message: code === 'AuthorizationFailed' ? undefined : textAt(error, 'message') })
  }
  if (typeof error !== 'string') return undefined
  return defined({
    code: error,
    number: Array.isArray(codes) ? Number(codes[0]) : undefined,
    // The end of a description names the request, and the quoted values name users of Azure. No test compares them.
    message: textAt(body, 'error_description')
      .replace(/\s*Trace ID:.*$/s, '')
      .replace(/(?<!required field )'[^']*'/g, "'…'")
  })
}

/** Replaces public keys, whose comments name people, by a word. */
function withoutKeys(text: string): string {
  return text.replace(/"ssh-rsa [^"]*"/g, '"ssh-rsa"')
}

/** Replaces values by their types, except for IDs that the replay needs. Only the first entry of a list stays. */
function shapeOf(value: Json, placeholders: Placeholders): Json {
  if (value === null) return null
  if (typeof value === 'string') return placeholders.of(value) ?? 'string'
  if (Array.isArray(value)) return value.slice(0, 1).map(entry => shapeOf(entry, placeholders))
  if (!isJsonObject(value)) return typeof value
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [placeholders.replace(key), shapeOf(entry, placeholders)])
  )
}

/**
 * Moves each large object that the recordings show more than once to the shapes of the table. `"...": "<name>"` then
 * stands in its place.
 */
function shareShapes(recordings: Readonly<Record<string, Recording>>): RecordedTable {
  const counts = new Map<string, number>()
  const count = (shape: Json | undefined): void => {
    if (Array.isArray(shape)) shape.forEach(count)
    if (!isJsonObject(shape)) return
    const key = JSON.stringify(split(shape).properties)
    counts.set(key, (counts.get(key) ?? 0) + 1)
    // The second time, the object around the inner ones is shared, and they need no names.
    if (counts.get(key) === 1) Object.values(shape).forEach(count)
  }
  const names = new Map<string, string>()
  const share = (shape: Json, name: string): Json => {
    if (Array.isArray(shape)) return shape.map(entry => share(entry, name))
    if (!isJsonObject(shape)) return shape
    const { annotations, properties } = split(shape)
    const key = JSON.stringify(properties)
    if (key.length > 100 && Object.keys(properties).length > 1 && (counts.get(key) ?? 0) > 1) {
      if (!names.has(key)) names.set(key, unused(name, names.values()))
      return { ...annotations, '...': names.get(key) ?? '' }
    }
    return Object.fromEntries(Object.entries(shape).map(([property, value]) => [property, share(value, name)]))
  }
  const exchanges = Object.values(recordings).flatMap(recording => recording.exchanges)
  for (const { shape } of exchanges) count(shape)
  const shared = Object.entries(recordings).map(([recordingName, recording]) => {
    const withShared = recording.exchanges.map(exchange =>
      exchange.shape === undefined ? exchange : { ...exchange, shape: share(exchange.shape, shapeName(exchange)) }
    )
    return [recordingName, { ...recording, exchanges: withShared }] as const
  })
  return {
    shapes: Object.fromEntries([...names].map(([key, name]) => [name, JSON.parse(key) as JsonObject])),
    recordings: Object.fromEntries(shared)
  }
}

/**
 * Separates the annotations at the beginning of an object from its properties: Graph annotates an object, but not each
 * entry of a list.
 */
function split(shape: JsonObject): { annotations: JsonObject; properties: JsonObject } {
  const entries = Object.entries(shape)
  const isAnnotation = ([key]: [string, Json]) => key.startsWith('@odata.')
  return {
    annotations: Object.fromEntries(entries.filter(isAnnotation)),
    properties: Object.fromEntries(entries.filter(entry => !isAnnotation(entry)))
  }
}

function shapeName({ request = '', error }: RecordedExchange): string {
  return `${collectionOf(request.replace(/^\S+ https:\/\/[^/]+|\?.*$/g, ''))}${error === undefined ? '' : ' error'}`
}

/** Returns the name, with a number if it is taken. */
function unused(name: string, taken: Iterable<string>): string {
  const others = new Set(taken)
  let unique = name
  for (let number = 2; others.has(unique); number += 1) unique = `${name} ${number}`
  return unique
}

function withoutDashes(id: string): string {
  return id.replaceAll('-', '')
}

type Defined<Value> = {
  [Key in keyof Value as undefined extends Value[Key] ? never : Key]: Value[Key]
} & { [Key in keyof Value as undefined extends Value[Key] ? Key : never]?: Exclude<Value[Key], undefined> }

/** Returns the object without its undefined properties. */
function defined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<Value>
}

async function write(name: string, content: unknown): Promise<void> {
  const file = join(import.meta.dirname, '../sandbox/test/recorded', `${name}.json`)
  const text = await format(JSON.stringify(content), { ...(await resolveConfig(file)), filepath: file })
  writeFileSync(file, text)
  console.log(`${file}: ${Buffer.byteLength(text)} bytes`)
}

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Usage: npx tsx scripts/distil-recordings.ts <folder of recordings>')
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8'))

const { builtInRoles } = read('role/builtin-role-names') as RawRoles
const roleIds = builtInRoles.map(({ roleName, name }): [string, string] => [roleName, name.toLowerCase()])
await write('built-in-roles', Object.fromEntries(roleIds.sort()))
for (const [name, files] of Object.entries(tables)) {
  const recordings = files.map(file => {
    const recording = distil(read(file) as RawRecording, new Set(roleIds.map(([, id]) => id)))
    return [basename(file).replace(/^azcli-(?:test_)?/, ''), recording] as const
  })
  await write(name, shareShapes(Object.fromEntries(recordings)))
}
