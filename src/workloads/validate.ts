import { Ajv, type ErrorObject } from 'ajv'
import { UsageError } from '../errors.js'
import { placeText, type Path, type WorkloadDocument } from './document.js'
import schema from './schema.json' with { type: 'json' }

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
