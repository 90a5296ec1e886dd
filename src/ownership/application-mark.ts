import type { Application, ServicePrincipal } from '../clients/graph/client.js'

/** Marks what azwi made, so that `delete` knows it. */
export const applicationTag = 'azwi'

/** Whether azwi made it, or the Go azwi: that one tags only the service principal, `azwi version: …`. */
export function bearsOurMark(application: Application, principal: ServicePrincipal | undefined): boolean {
  return (
    application.tags.includes(applicationTag) ||
    (principal?.tags.some(tag => tag.startsWith('azwi version: ')) ?? false)
  )
}
