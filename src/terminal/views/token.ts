import type { Acceptance, TokenDescription } from '../../doctor/explain/token.js'
import { formatDuration } from '../../domain/duration.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { outcomeColor, outcomeSymbols } from './doctor-summary.js'
import type { View } from '../format.js'
import { type Colors, noColors } from '../colors.js'
import { tree, type TreeNode } from '../tree.js'

/** The credential of an identity that accepts a token, or the nearest one. */
interface CredentialMatch extends Acceptance {
  /** Kind and name of the identity: `application "shop"`. */
  readonly identity: string
}

/** The description of a token, in every format. */
interface TokenView extends View {
  /** False if the token has a problem, or if no credential of the given identity accepts it. */
  readonly hasPassed: boolean
}

/**
 * Renders the claims of a token, and the credential that accepts it if an identity was given. The view contains no part of the encoded
 * token.
 */
export function tokenView(
  token: TokenDescription,
  match: CredentialMatch | undefined,
  colors: Colors = noColors
): TokenView {
  // A credential might be for an audience that no cloud uses.
  const problems = token.problems.filter(({ code }) => code !== 'WrongAudience' || match?.accepting === undefined)
  const { serviceAccount } = token
  return {
    text: tree({
      text:
        serviceAccount === undefined
          ? 'token'
          : `token of the service account ${serviceAccount.namespace}/${serviceAccount.name}`,
      children: [
        ...problems.map(({ message }) => failureNode(message, colors)),
        ...claimNodes(token),
        ...(match === undefined ? [] : [matchNode(match, colors)])
      ]
    }),
    data: {
      token: { ...withoutUndefined(token), problems: problems.map(({ code, message }) => ({ code, message })) },
      ...(match === undefined ? {} : matchData(match))
    },
    names: serviceAccount === undefined ? [] : [`serviceaccount/${serviceAccount.namespace}/${serviceAccount.name}`],
    hasPassed: problems.length === 0 && (match === undefined || match.accepting !== undefined)
  }
}

function claimNodes({
  issuer,
  subject,
  audiences,
  clouds,
  keyId,
  algorithm,
  issuedAt,
  notBefore,
  expiresAt,
  lifetimeSeconds,
  secondsLeft
}: TokenDescription): TreeNode[] {
  const left = secondsLeft === undefined || secondsLeft <= 0 ? '' : `, in ${formatDuration(secondsLeft)}`
  return [
    `issuer ${issuer}`,
    `subject ${subject}`,
    `audience ${audiences.join(', ') || '(none)'}${clouds.length === 0 ? '' : ` (${clouds.join(', ')})`}`,
    `key ${keyId ?? '(none)'}, ${algorithm}`,
    ...(issuedAt === undefined ? [] : [`issued ${issuedAt}`]),
    ...(notBefore === undefined || notBefore === issuedAt ? [] : [`not valid before ${notBefore}`]),
    ...(expiresAt === undefined
      ? []
      : [
          `expires ${expiresAt}${left}${lifetimeSeconds === undefined ? '' : ` (lives ${formatDuration(lifetimeSeconds)})`}`
        ])
  ].map(text => ({ text, children: [] }))
}

function matchNode({ identity, accepting, nearest }: CredentialMatch, colors: Colors): TreeNode {
  if (accepting !== undefined)
    return { text: `${outcomeSymbols.ok} the credential ${accepting.name} of the ${identity} accepts it`, children: [] }
  if (nearest === undefined) return failureNode(`the ${identity} has no credentials with a subject`, colors)
  const { credential, differences } = nearest
  return failureNode(
    `no credential of the ${identity} accepts it; nearest is ${credential.name}`,
    colors,
    differences.map(({ field, token: tokenValue, credential: credentialValue }) => ({
      text: `${field} differs`,
      children: [
        { text: `token's:      ${tokenValue}`, children: [] },
        { text: `credential's: ${credentialValue}`, children: [] }
      ]
    }))
  )
}

const failureNode = (text: string, colors: Colors, children: readonly TreeNode[] = []): TreeNode => ({
  text: `${outcomeSymbols.fail} ${text}`,
  children,
  color: outcomeColor('fail', colors)
})

/** Returns the match in the shape of docs/output.md. */
function matchData({ accepting, nearest }: CredentialMatch): Readonly<Record<string, unknown>> {
  return {
    accepting: accepting === undefined ? null : credentialData(accepting),
    ...(nearest === undefined
      ? {}
      : {
          nearest: {
            credential: credentialData(nearest.credential),
            differences: nearest.differences.map(({ field, token, credential }) => ({ field, token, credential }))
          }
        })
  }
}

const credentialData = ({
  name,
  issuer,
  subject,
  audiences
}: FederatedIdentityCredential): FederatedIdentityCredential => ({ name, issuer, subject, audiences })
const withoutUndefined = (entries: object): object =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
