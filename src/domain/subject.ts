import { namespaceProblem, serviceAccountNameProblem } from './kubernetes-names.js'

const prefix = 'system:serviceaccount:'

export interface ServiceAccountReference {
  readonly namespace: string
  readonly name: string
}

/** The `sub` claim of a service account's tokens (Kubernetes, `serviceaccount.MakeUsername`): what a federated credential must name. */
export function serviceAccountSubject(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`
}

/**
 * The service account that a subject names, or undefined where it is not one: another prefix, other than two parts, or names that
 * Kubernetes would refuse. Case counts, as it does for Entra.
 */
export function parseServiceAccountSubject(subject: string): ServiceAccountReference | undefined {
  if (!subject.startsWith(prefix)) return undefined
  const [namespace, name, ...rest] = subject.slice(prefix.length).split(':')
  if (namespace === undefined || name === undefined || rest.length > 0) return undefined
  if (namespaceProblem(namespace) !== undefined || serviceAccountNameProblem(name) !== undefined) return undefined
  return { namespace, name }
}
