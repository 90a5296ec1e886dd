/**
 * The tags and labels that azwi puts on the objects that it creates, so that it recognizes them later. They do not prove that azwi created
 * an object, because anyone who may write the object can add them.
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

/** Reports whether an application has the mark of azwi, or that of the Go azwi: the tag `azwi version: …` on its service principal. */
export function isMarkedApplication(application: Tagged, principal: Tagged | undefined): boolean {
  return (
    application.tags.includes(applicationTag) ||
    (principal?.tags.some(tag => tag.startsWith('azwi version: ')) ?? false)
  )
}

/** Reports whether a managed identity has the mark of azwi. */
export function isMarkedManagedIdentity({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
  return Object.entries(managedIdentityTag).every(([key, value]) => tags[key] === value)
}
