import { issuerProblem } from '../../identity/issuer.js'
import type { ClusterEvidence, PublishedIssuer } from '../evidence.js'
import { fail, ok, skipped, type Finding } from '../finding.js'
import { republished, usualKeysUrl } from '../publication.js'

/** Kubernetes' own flags: kube-apiserver reference; with several issuers the first is put into tokens, and all are taken. */
const ownIssuer = [
  'where you run the control plane: start kube-apiserver with --service-account-issuer=https://<address that the internet can read> before any other --service-account-issuer, ' +
    'so that new tokens carry it and those under way stay good',
  'and with --service-account-jwks-uri=https://<the same address>/openid/v1/jwks; in kind and kubeadm these are extraArgs of apiServer in the ClusterConfiguration',
  'then publish the discovery document and the key set there: https://azure.github.io/azure-workload-identity/docs/installation/self-managed-clusters/oidc-issuer.html'
]

/** Whether Entra could follow the issuer at all: it is https, and no name that only the cluster or its network knows. */
export function httpsCheck(issuer: string): Finding {
  const problem = issuerProblem(issuer)
  if (problem !== undefined)
    return fail('issuer-https', `the API server's issuer "${issuer}" ${problem}`, {
      found: issuer,
      expected: 'https://…',
      details: ownIssuer
    })
  if (isInternal(new URL(issuer).hostname)) {
    return fail(
      'issuer-https',
      `nobody outside the cluster can reach its issuer ${issuer}, and Entra must fetch its keys from there`,
      { found: issuer, details: ownIssuer }
    )
  }
  return ok('issuer-https', `the issuer ${issuer} is https`)
}

/** Names of the cluster's own DNS, and addresses of private networks (RFC 1918). Not this machine's: that is where a sandbox is. */
function isInternal(host: string): boolean {
  return /(?:^|\.)svc$|\.svc\.|\.cluster\.local$|^10\.[\d.]+$|^192\.168\.[\d.]+$|^172\.(?:1[6-9]|2\d|3[01])\.[\d.]+$/.test(
    host
  )
}

/** Whether the discovery document can be fetched as anybody, is about this very issuer, and leads to a key set. */
export function discoveryCheck(
  issuer: string,
  published: PublishedIssuer | undefined,
  { aks }: Pick<ClusterEvidence, 'aks'>
): Finding {
  if (published === undefined) return skipped('issuer-discovery', "the issuer's discovery document was not looked for")
  const { discovery } = published
  const mend = (keysUrl: string, keys: boolean): ReturnType<typeof republished> =>
    republished({ issuer, discoveryUrl: discovery.url, keysUrl, keys }, aks)
  if ('problem' in discovery) {
    return fail(
      'issuer-discovery',
      `the discovery document ${discovery.url} cannot be fetched: ${discovery.problem}`,
      mend(usualKeysUrl(issuer), true)
    )
  }
  const { issuer: said, jwksUri } = discovery.value
  const leads = typeof jwksUri === 'string' && jwksUri.startsWith('https://') && URL.canParse(jwksUri)
  const keysUrl = leads ? jwksUri : usualKeysUrl(issuer)
  if (said !== issuer) {
    const what = typeof said === 'string' ? 'is about another issuer' : 'names no issuer'
    return fail('issuer-discovery', `the discovery document ${discovery.url} ${what}: Entra compares every character`, {
      found: shown(said),
      expected: issuer,
      ...mend(keysUrl, !leads)
    })
  }
  if (!leads) {
    return fail('issuer-discovery', `the discovery document ${discovery.url} leads to no key set`, {
      found: `jwks_uri ${shown(jwksUri)}`,
      expected: `jwks_uri ${keysUrl}`,
      ...mend(keysUrl, true)
    })
  }
  return ok('issuer-discovery', `the discovery document ${discovery.url} can be fetched, and is about this issuer`)
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '(missing)' : JSON.stringify(value)
