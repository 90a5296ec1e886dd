import type { OptionName } from '../config/options.js'
import type { Settings } from '../config/settings.js'
import type { Service } from './context.js'

/** The flags that say whose tokens are to be trusted: the service account, and the issuer of its cluster. */
export const subjectOptions = [
  'serviceAccountName',
  'serviceAccountNamespace',
  'serviceAccountIssuerUrl',
  'aksCluster',
  'aksResourceGroup'
] as const satisfies readonly OptionName[]

/** Whom the issuer is asked of, where the flags do not say it. */
export function issuerServices(settings: Settings): readonly Service[] {
  if (settings.given('serviceAccountIssuerUrl')) return []
  return settings.given('aksCluster') ? ['arm'] : ['kubernetes']
}
