import { namespaceProblem, serviceAccountNameProblem } from './kubernetes-names.js'

const prefix = 'system:serviceaccount:'

/** The namespace and name of a service account. */
export interface ServiceAccountReference {
  readonly namespace: string
  readonly name: string
}

/** Returns the `sub` claim of a service account's tokens, which is the subject of the credential. Source: Kubernetes, `MakeUsername`. */
export function serviceAccountSubject(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`
}

/**
 * Parses the subject of a service account. Returns undefined if the prefix is different, or if Kubernetes does not allow the names. Is
 * case-sensitive, like Entra.
 */
export function parseServiceAccountSubject(subject: string): ServiceAccountReference | undefined {
  if (!subject.startsWith(prefix)) return undefined
  const [namespace, name, ...rest] = subject.slice(prefix.length).split(':')
  if (namespace === undefined || name === undefined || rest.length > 0) return undefined
  if (namespaceProblem(namespace) !== undefined || serviceAccountNameProblem(name) !== undefined) return undefined
  return { namespace, name }
}
