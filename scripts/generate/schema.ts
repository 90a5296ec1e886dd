import { workloadFields } from '../../src/config/options.js'

type Schema = Readonly<Record<string, unknown>>
type Field = (typeof workloadFields)[number]

const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` })

/** The schema of each type of field. */
const types: Readonly<Record<Field['type'], Schema>> = {
  text: ref('text'),
  guid: ref('guid'),
  duration: { type: ['string', 'integer'] },
  strings: ref('strings'),
  roles: ref('roles')
}

/**
 * Returns the JSON Schema of workload files. Its structure is written here; the fields come from the table of options.
 * An option can be a field of a workload or of one kind of identity.
 */
export function workloadsSchema(): Schema {
  const [name, ...others] = fieldsBelow('')
  if (name?.path !== 'name') throw new Error('the first field of a workload must be its name')
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:azwi:workloads',
    title: 'azwi workloads',
    description:
      'What `azwi serviceaccount apply -f` reads: service accounts and the Azure identities that they are connected to.',
    type: 'object',
    required: ['workloads'],
    additionalProperties: false,
    properties: {
      set: {
        description:
          'A name for these workloads. With --prune, what an earlier apply of this set made and the file no longer has is taken away.',
        type: 'string',
        pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'
      },
      defaults: { description: 'What every workload has that does not say otherwise.', ...ref('settings') },
      workloads: { type: 'array', items: ref('workload') }
    },
    definitions: {
      text: { type: 'string', minLength: 1 },
      guid: { type: 'string', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
      strings: { type: 'object', additionalProperties: { type: 'string' } },
      namespaces: { type: 'array', minItems: 1, uniqueItems: true, items: ref('text') },
      identity: {
        description:
          'The identity; workloads that name the same one share it. Without one, each service account has an application of its own.',
        oneOf: [object({ application: applicationSchema() }), object({ managedIdentity: managedIdentitySchema() })]
      },
      cluster: {
        description:
          'The AKS cluster that the service accounts are in. Its issuer must be the one that the cluster of the kubeconfig publishes.',
        oneOf: clusterAlternatives()
      },
      roles: {
        type: 'array',
        items: object({
          role: { description: 'Name, GUID or resource id of a role.', ...ref('text') },
          scope: { description: 'Resource id, rg:<group>, or sub:', ...ref('text') }
        })
      },
      settings: {
        type: 'object',
        additionalProperties: false,
        properties: {
          namespaces: ref('namespaces'),
          identity: ref('identity'),
          cluster: ref('cluster'),
          ...properties(others)
        }
      },
      workload: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: {
          ...properties([name]),
          namespaces: {
            description: 'Several namespaces: a service account of this name in each.',
            ...ref('namespaces')
          },
          identity: ref('identity'),
          cluster: ref('cluster'),
          // The defaults describe these fields.
          ...properties(others, false)
        }
      }
    }
  }
}

/** An application is identified by exactly one of its fields. */
function applicationSchema(): Schema {
  const fields = fieldsBelow('identity.application.')
  if (fields.some(({ identifies }) => identifies !== 'alone'))
    throw new Error('the schema has no place for settings of an application: extend it')
  return {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties: properties(fields)
  }
}

/** A managed identity is identified by its name and resource group, with settings for a new one, or else by its resource ID. */
function managedIdentitySchema(): Schema {
  const fields = fieldsBelow('identity.managedIdentity.')
  const required = fields.filter(({ identifies }) => identifies === 'together')
  const existing = fields.filter(({ identifies }) => identifies === 'alone')
  return {
    oneOf: [
      {
        type: 'object',
        required: required.map(keyOf),
        additionalProperties: false,
        properties: properties(fields.filter(field => !existing.includes(field)))
      },
      ...existing.map(field => object(properties([field])))
    ]
  }
}

/** An AKS cluster is identified by its name and resource group, or else by its resource ID. */
function clusterAlternatives(): Schema[] {
  const fields = fieldsBelow('cluster.')
  const isId = (field: Field): boolean => keyOf(field) === 'resourceId'
  return [fields.filter(field => !isId(field)), fields.filter(isId)].map(alternative => object(properties(alternative)))
}

/** An object that requires all its properties. */
const object = (all: Schema): Schema => ({
  type: 'object',
  required: Object.keys(all),
  additionalProperties: false,
  properties: all
})

const fieldsBelow = (prefix: string): readonly Field[] =>
  workloadFields.filter(({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('.'))

const keyOf = ({ path }: Field): string => path.slice(path.lastIndexOf('.') + 1)

function properties(fields: readonly Field[], described = true): Schema {
  return Object.fromEntries(
    fields.map(field => [
      keyOf(field),
      { ...(described && field.description ? { description: field.description } : {}), ...types[field.type] }
    ])
  )
}
