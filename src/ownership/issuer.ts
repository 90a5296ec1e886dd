import type { Context } from '../context.js'
import { nearMisses } from '../domain/credential.js'
import { AzwiError, InterruptedError } from '../errors.js'

/** An issuer that a flag or a workload file names, and how messages name its origin. */
export interface NamedIssuer {
  /** Begins a sentence that ends with the issuer: "--service-account-issuer-url is". */
  readonly origin: string
  readonly issuer: () => Promise<string>
}

/** Returns the issuer that the flags name. Without such a flag, azwi uses the issuer of the cluster itself. */
export function issuersOfFlags({ settings, issuer }: Context): NamedIssuer[] {
  if (settings.given('serviceAccountIssuerUrl')) return [{ origin: '--service-account-issuer-url is', issuer }]
  if (!settings.given('aksCluster')) return []
  return [{ origin: `the issuer of the AKS cluster ${JSON.stringify(settings.require('aksCluster'))} is`, issuer }]
}

/** The issuer that a cluster publishes, or the reason why it is not known. */
type Published = { readonly issuer: string } | { readonly unknown: string }

/**
 * Compares issuers that were named with the one that the cluster publishes. Throws an AzwiError for the first that differs, unless
 * `--allow-other-issuer` is given. Entra compares issuers byte for byte, and so does this function.
 *
 * An issuer that cannot be read is not a difference, because users might not have permission to read it: azwi then uses the issuer that was
 * named, and logs it. Waits for the cluster only a few seconds longer than `planned` takes.
 */
export async function refuseOtherIssuers(
  context: Context,
  named: readonly NamedIssuer[],
  planned: Promise<unknown>
): Promise<void> {
  if (named.length === 0) return
  const { settings, log } = context
  const [published, issuers] = await Promise.all([
    readInTime(context, planned),
    Promise.all(named.map(async each => ({ ...each, issuer: await issuerOf(each) })))
  ])
  for (const { origin, issuer } of distinct(issuers)) {
    if ('issuer' in published && issuer !== published.issuer && !settings.given('allowOtherIssuer'))
      throw await otherIssuer(context, origin, issuer, published.issuer)
    // The lines of the plan come first, whichever request ends first.
    await planned
    if ('unknown' in published) {
      log.info('the issuer of the cluster could not be read, so the one that was given is used', {
        issuer,
        because: published.unknown
      })
    } else if (issuer !== published.issuer) {
      log.warn('the issuer given is not the one that the cluster publishes: its tokens will be refused', {
        given: issuer,
        cluster: published.issuer
      })
    }
  }
}

/** Reads the issuer that the cluster publishes. Throws an AzwiError, with the command that grants the permission, if it cannot be read. */
export async function requireKnownIssuer(context: Context): Promise<string> {
  const published = await read(context)
  if ('issuer' in published) return published.issuer
  throw new AzwiError(
    'IssuerUnknown',
    'it is not known which issuer the cluster has, so it cannot be known which credentials belong to it, and nothing was deleted',
    {
      lines: [published.unknown],
      hint: 'log in with permission to read it: kubectl create clusterrolebinding azwi-issuer --clusterrole=system:service-account-issuer-discovery --user=<user>'
    }
  )
}

/** Resolves to undefined for an issuer that cannot be found. The phase that needs it reports that error. */
const issuerOf = ({ issuer }: NamedIssuer): Promise<string | undefined> => issuer().catch(() => undefined)

function distinct(issuers: readonly { readonly origin: string; readonly issuer: string | undefined }[]) {
  const byIssuer = new Map<string, { readonly origin: string; readonly issuer: string }>()
  for (const { origin, issuer } of issuers)
    if (issuer !== undefined && !byIssuer.has(issuer)) byIssuer.set(issuer, { origin, issuer })
  return byIssuer.values()
}

async function read({ publishedIssuer }: Context): Promise<Published> {
  try {
    return { issuer: await publishedIssuer() }
  } catch (error) {
    if (!(error instanceof AzwiError) || error instanceof InterruptedError) throw error
    return { unknown: error.message }
  }
}

/** The cluster answers the other look-ups of the plan too. If only this answer is late, the command must not wait for it until it times out. */
async function readInTime(context: Context, planned: Promise<unknown>): Promise<Published> {
  const answer = read(context)
  const late = planned.then(
    async () => (await context.bestEffort(() => answer)) ?? { unknown: 'the cluster did not answer in time' }
  )
  return Promise.race([answer, late])
}

async function otherIssuer(
  { kubernetes }: Context,
  origin: string,
  given: string,
  published: string
): Promise<AzwiError> {
  const { server } = await kubernetes()
  const [near] = nearMisses({ issuer: given, subject: 'any' }, [{ issuer: published, subject: 'any' }])
  return new AzwiError(
    'OtherIssuer',
    `${origin} ${given}, but the cluster at ${server} publishes the issuer ${published}`,
    {
      lines: near
        ? ['the two differ only in a slash at the end or in letter case, but Entra compares issuers byte for byte']
        : [],
      hint: near
        ? `give ${published}, or leave the issuer out`
        : 'select the cluster that is meant with --context, or leave the issuer out; --allow-other-issuer goes on'
    }
  )
}
