import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import { StatusError } from '../status-error.js'
import { fieldOf, type Schema } from './schema.js'
import { isEqual } from './structured-merge.js'

/** Applies a JSON merge patch (RFC 7396). */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const result: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name)
    else result[name] = mergePatch(result[name], value)
  }
  return result
}

/**
 * Applies a strategic merge patch (kubernetes.io, sig-api-machinery): a merge patch that merges lists by key and sets
 * by value. It supports the directives that kubectl sends: `$patch`, `$deleteFromPrimitiveList/…`, `$setElementOrder/…`
 * and `$retainKeys`. The last two are ignored, so the order of list items is not kept.
 */
export function strategicMergePatch(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (Array.isArray(patch)) return mergeList(target, patch, schema)
  if (!isJsonObject(patch)) return patch
  const { $patch: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  const result: JsonObject = isJsonObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(rest)) {
    if (name.startsWith('$setElementOrder/') || name === '$retainKeys') continue
    const deletedFrom = /^\$deleteFromPrimitiveList\/(.+)$/.exec(name)?.[1]
    if (deletedFrom !== undefined) {
      const values = Array.isArray(value) ? value : []
      result[deletedFrom] = asList(result[deletedFrom]).filter(item => !values.some(other => isEqual(other, item)))
    } else if (value === null) {
      Reflect.deleteProperty(result, name)
    } else {
      result[name] = strategicMergePatch(result[name], value, fieldOf(schema, name))
    }
  }
  return result
}

function mergeList(target: Json | undefined, patch: Json[], schema: Schema | undefined): Json {
  if (schema?.kind === 'set')
    return [...asList(target), ...patch.filter(item => !asList(target).some(other => isEqual(other, item)))]
  if (schema?.kind !== 'list') return patch
  const items = asList(target).filter(isJsonObject)
  for (const change of patch.filter(isJsonObject)) {
    const at = items.findIndex(item => item[schema.key] === change[schema.key])
    if (change.$patch === 'delete') {
      if (at >= 0) items.splice(at, 1)
    } else if (at >= 0) {
      items[at] = strategicMergePatch(items[at], change, schema.element) as JsonObject
    } else {
      items.push(change)
    }
  }
  return items
}

function asList(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : []
}

/**
 * Applies a JSON patch (RFC 6902). Throws a 422 if a test fails, an operation is unknown or a path does not exist, as
 * the API server does.
 */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw unprocessable('a JSON patch is a list of operations')
  return patch.reduce((document, operation) => {
    if (!isJsonObject(operation) || typeof operation.path !== 'string') throw unprocessable('an operation needs a path')
    const path = parsePointer(operation.path)
    const value = operation.value ?? null
    const name = typeof operation.op === 'string' ? operation.op : ''
    switch (name) {
      case 'add':
        return edit(document, path, value, 'add')
      case 'replace':
        return edit(document, path, value, 'replace')
      case 'remove':
        return edit(document, path, undefined, 'remove')
      case 'test':
        if (!isEqual(lookUp(document, path), value)) throw unprocessable(`testing path ${operation.path} failed`)
        return document
      case 'copy':
      case 'move': {
        const from = parsePointer(typeof operation.from === 'string' ? operation.from : '')
        const found = lookUp(document, from)
        return edit(name === 'move' ? edit(document, from, undefined, 'remove') : document, path, found, 'add')
      }
      default:
        throw unprocessable(`unknown operation '${name}'`)
    }
  }, target)
}

const unprocessable = (message: string): StatusError =>
  new StatusError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`)

/** Parses a JSON pointer (RFC 6901). */
function parsePointer(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw unprocessable(`not a JSON pointer: ${pointer}`)
  return pointer
    .slice(1)
    .split('/')
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'))
}

function lookUp(document: Json, path: readonly string[]): Json {
  let node: Json | undefined = document
  for (const part of path) node = Array.isArray(node) ? node[Number(part)] : isJsonObject(node) ? node[part] : undefined
  if (node === undefined) throw unprocessable(`nothing at /${path.join('/')}`)
  return node
}

function edit(
  document: Json,
  path: readonly string[],
  value: Json | undefined,
  operation: 'add' | 'replace' | 'remove'
): Json {
  const [part, ...rest] = path
  if (part === undefined) return value ?? null
  if (rest.length === 0 && operation !== 'add') lookUp(document, path)
  if (Array.isArray(document)) {
    const at = part === '-' ? document.length : Number(part)
    if (!Number.isInteger(at) || at < 0 || at > document.length) throw unprocessable(`no index ${part}`)
    if (rest.length > 0) return document.with(at, edit(lookUp(document, [part]), rest, value, operation))
    return document.toSpliced(at, operation === 'add' ? 0 : 1, ...(value === undefined ? [] : [value]))
  }
  if (!isJsonObject(document)) throw unprocessable(`nothing at ${part}`)
  if (rest.length > 0) return { ...document, [part]: edit(lookUp(document, [part]), rest, value, operation) }
  if (value !== undefined) return { ...document, [part]: value }
  return Object.fromEntries(Object.entries(document).filter(([name]) => name !== part))
}
