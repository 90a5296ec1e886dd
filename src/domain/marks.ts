/**
 * What azwi puts on the objects that it creates, so that it recognizes them later. Anyone who may write an object can put these marks on it
 * too: a mark is a hint, not a proof.
 */

/** The tag on an application. */
export const applicationTag = 'azwi'

/** The tag on a managed identity. */
export const managedIdentityTag = { 'managed-by': 'azwi' } as const

/** The label on a service account. Kubernetes recommends it for the tool that manages an object. */
export const managedByLabel = { 'app.kubernetes.io/managed-by': 'azwi' } as const

interface Tagged {
  readonly tags: readonly string[]
}

/** Reports whether an application bears the mark of azwi or of the Go azwi, which tags only the service principal: `azwi version: …`. */
export function isMarkedApplication(application: Tagged, principal: Tagged | undefined): boolean {
  return (
    application.tags.includes(applicationTag) ||
    (principal?.tags.some(tag => tag.startsWith('azwi version: ')) ?? false)
  )
}

/** Reports whether a managed identity bears the mark of azwi. */
export function isMarkedManagedIdentity({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return Object.entries(managedIdentityTag).every(([key, value]) => tags[key] === value)
}
