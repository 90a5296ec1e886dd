import type { SandboxRequest } from '../server/http.js'
import { badRequest } from './status-error.js'

/** The query of a write (Kubernetes API reference, common parameters). */
export interface WriteOptions {
  readonly manager: string
  readonly dryRun: boolean
  readonly force: boolean
  readonly strict: boolean
}

/** Reads them, and refuses what the API server would. Without a field manager the user agent up to its first `/` is one. */
export function writeOptions({ query, headers }: SandboxRequest): WriteOptions {
  const dryRun = query.getAll('dryRun')
  if (dryRun.some(value => value !== 'All'))
    throw badRequest(`Invalid value: ${JSON.stringify(dryRun)}: dryRun must be "All"`)
  const manager = query.get('fieldManager') ?? ''
  if (manager.length > 128) throw badRequest('fieldManager: Too long: may not be more than 128 bytes')
  return {
    manager: manager === '' ? (headers['user-agent']?.split('/')[0] ?? 'unknown').slice(0, 128) : manager,
    dryRun: dryRun.length > 0,
    force: query.get('force') === 'true',
    strict: query.get('fieldValidation') === 'Strict'
  }
}
