import { isJsonObject, type Json, type JsonObject } from '../../json.js'
import { invalidValue, requiredValue, type StatusCause } from '../status-error.js'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const labelPattern = new RegExp(`^${label}$`)
const subdomainPattern = new RegExp(`^${subdomain}$`)
const qualifiedNamePattern = new RegExp(`^(${subdomain}/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`)
const labelValuePattern = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character " +
  "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

const labelValueRule =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', must start and end with an alphanumeric " +
  'character, and must be no more than 63 characters'
const qualifiedNameRule =
  "name part must consist of alphanumeric characters, '-', '_' or '.', must start and end with an alphanumeric character, and must be no more " +
  "than 63 characters, with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"

const totalAnnotationLimitInBytes = 256 * 1024

/** Returns the errors in the metadata of an object, by the rules of apimachinery's validation. */
export function validateMetadata(metadata: JsonObject, nameFormat: 'label' | 'subdomain'): StatusCause[] {
  const { name, labels, annotations } = metadata
  return [
    ...validateName(typeof name === 'string' ? name : '', nameFormat),
    ...stringEntries(labels).flatMap(([key, value]) => [
      ...validateKey('metadata.labels', key),
      ...(value.length > 63 || !labelValuePattern.test(value)
        ? [invalidValue('metadata.labels', value, labelValueRule)]
        : [])
    ]),
    ...stringEntries(annotations).flatMap(([key]) => validateKey('metadata.annotations', key.toLowerCase())),
    ...(Buffer.byteLength(stringEntries(annotations).flat().join('')) > totalAnnotationLimitInBytes
      ? [
          {
            reason: 'FieldValueTooLong',
            field: 'metadata.annotations',
            message: `Too long: may not be more than ${totalAnnotationLimitInBytes} bytes`
          }
        ]
      : [])
  ]
}

function validateName(name: string, nameFormat: 'label' | 'subdomain'): StatusCause[] {
  if (name === '') return [requiredValue('metadata.name', 'name or generateName is required')]
  const [pattern, rule, limit] =
    nameFormat === 'label'
      ? ([labelPattern, labelRule, 63] as const)
      : ([subdomainPattern, subdomainRule, 253] as const)
  return [
    ...(pattern.test(name) ? [] : [invalidValue('metadata.name', name, rule)]),
    ...(name.length > limit ? [invalidValue('metadata.name', name, `must be no more than ${limit} characters`)] : [])
  ]
}

function validateKey(field: string, key: string): StatusCause[] {
  const name = key.slice(key.indexOf('/') + 1)
  return qualifiedNamePattern.test(key) && name.length <= 63 ? [] : [invalidValue(field, key, qualifiedNameRule)]
}

function stringEntries(value: Json | undefined): [string, string][] {
  return isJsonObject(value)
    ? Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : []))
    : []
}
