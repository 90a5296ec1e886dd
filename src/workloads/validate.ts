import { Ajv, type ErrorObject } from 'ajv'
import { refuseLabel, refuseTag, role, scope } from '../config/parse.js'
import { UsageError } from '../errors.js'
import type { WorkloadContent, WorkloadsContent } from './content.js'
import { type Path, placeText, type WorkloadDocument } from './document.js'
import schema from './schema.json' with { type: 'json' }

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<WorkloadsContent>(schema)

/** Returns the content of a document that matches the schema. Throws a UsageError that lists every violation with its place. */
export function validated(document: WorkloadDocument): WorkloadsContent {
  if (validate(document.content)) return document.content
  const violations = (validate.errors ?? [])
    // `oneOf` only says that no alternative matches; the errors of the alternatives say why.
    .filter(({ keyword }) => keyword !== 'oneOf')
    .map(error => `${placeText(document.placeOf(pathOf(error)))}: ${violationText(error)}`)
  const [first = 'the file does not keep to the schema', ...rest] = [...new Set(violations)]
  throw new UsageError(first, 'the fields are described in docs/workloads.md', undefined, rest)
}

/** Converts the JSON pointer of an error to a path. Source of the escapes: RFC 6901. */
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

function violationText({ instancePath, keyword, params, message }: ErrorObject): string {
  const field = instancePath === '' ? 'the document' : instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties')
    return `${field}: there is no field "${(params as { additionalProperty: string }).additionalProperty}"`
  return `${field} ${message ?? 'is wrong'}`
}

/** Throws a UsageError, with the place, for the first invalid label, tag, role or scope. The schema cannot express these rules. */
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
        refuseLabel(key, value, `${origin} ${JSON.stringify(value)}`)
      })
    for (const [key, value] of Object.entries(identity?.managedIdentity?.tags ?? {})) {
      check([...base, 'identity', 'managedIdentity', 'tags', key], origin => {
        refuseTag(key, value, `${origin} ${JSON.stringify(value)}`)
      })
    }
    roles.forEach((assignment, index) => {
      check([...base, 'roles', index, 'role'], origin => role(assignment.role, origin))
      check([...base, 'roles', index, 'scope'], origin => scope(assignment.scope, origin))
    })
  }
  checkAll(['defaults'], defaults ?? {})
  workloads.forEach((workload, index) => {
    checkAll(['workloads', index], workload)
  })
}
