import { Ajv, type ErrorObject } from 'ajv'
import schema from './schema.json' with { type: 'json' }
import { UsageError } from '../errors.js'
import { type Path, placeText, type WorkloadDocument } from './document.js'
import { refuseLabel, refuseTag, role, scope } from '../config/parse.js'
import { setLabel } from '../domain/annotations.js'

export interface WorkloadsContent {
  readonly set?: string
  readonly defaults?: WorkloadContent
  readonly workloads: readonly (WorkloadContent & { readonly name: string })[]
}

export interface WorkloadContent {
  readonly namespace?: string
  readonly namespaces?: readonly string[]
  readonly identity?: IdentityContent
  readonly issuer?: string
  readonly audience?: string
  readonly tokenExpiration?: string | number
  readonly labels?: Readonly<Record<string, string>>
  readonly roles?: readonly { readonly role: string; readonly scope: string }[]
}

export interface IdentityContent {
  readonly application?: { readonly name?: string; readonly clientId?: string; readonly objectId?: string }
  readonly managedIdentity?: {
    readonly name?: string
    readonly resourceGroup?: string
    readonly location?: string
    readonly tags?: Readonly<Record<string, string>>
    readonly resourceId?: string
  }
}

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<WorkloadsContent>(schema)

/** The content of a document that keeps to the schema. Throws a UsageError with every place where it does not. */
export function validated(document: WorkloadDocument): WorkloadsContent {
  if (validate(document.content)) return document.content
  const complaints = (validate.errors ?? [])
    .filter(isTelling)
    .map(error => `${placeText(document.placeOf(pathOf(error)))}: ${complaint(error)}`)
  const [first = 'the file does not keep to the schema', ...rest] = [...new Set(complaints)]
  throw new UsageError(first, 'the fields are described in docs/workloads.md', undefined, rest)
}

/** Of a choice between two shapes, that neither fits says nothing that the complaints about each do not say better. */
const isTelling = ({ keyword }: ErrorObject): boolean => keyword !== 'oneOf'

function pathOf({ instancePath, keyword, params }: ErrorObject): Path {
  const path = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return keyword === 'additionalProperties'
    ? [...path, (params as { additionalProperty: string }).additionalProperty]
    : path
}

function complaint({ instancePath, keyword, params, message }: ErrorObject): string {
  const where = instancePath === '' ? 'the document' : instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties')
    return `${where}: there is no field "${(params as { additionalProperty: string }).additionalProperty}"`
  return `${where} ${message ?? 'is wrong'}`
}

const ownLabels: readonly string[] = [setLabel, 'app.kubernetes.io/managed-by']

/** Throws a UsageError, with the place, for the first label, tag or role that cannot be meant: what a schema cannot say. */
export function refuseValues(document: WorkloadDocument, { defaults, workloads }: WorkloadsContent): void {
  const check = (path: Path, refuse: (origin: string) => void): void => {
    try {
      refuse(path.join('.'))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`${placeText(document.placeOf(path))}: ${error.message}`, error.hint, error)
    }
  }
  const checkAll = (base: Path, { labels = {}, identity, roles = [] }: WorkloadContent): void => {
    for (const [key, value] of Object.entries(labels))
      check([...base, 'labels', key], origin => {
        refuseOwnOrBad(key, value, origin)
      })
    for (const [key, value] of Object.entries(identity?.managedIdentity?.tags ?? {})) {
      check([...base, 'identity', 'managedIdentity', 'tags', key], origin => {
        refuseTag(key, value, `${origin} ${JSON.stringify(value)}`)
      })
    }
    roles.forEach((each, index) => {
      check([...base, 'roles', index, 'role'], origin => role(each.role, origin))
      check([...base, 'roles', index, 'scope'], origin => scope(each.scope, origin))
    })
  }
  checkAll(['defaults'], defaults ?? {})
  workloads.forEach((workload, index) => {
    checkAll(['workloads', index], workload)
  })
}

function refuseOwnOrBad(key: string, value: string, origin: string): void {
  if (ownLabels.includes(key))
    throw new UsageError(
      `${origin} is azwi's own mark`,
      key === setLabel ? 'name the set in the field set, at the top' : 'leave it out'
    )
  refuseLabel(key, value, `${origin} ${JSON.stringify(value)}`)
}
