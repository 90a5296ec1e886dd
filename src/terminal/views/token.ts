import type { Acceptance, TokenDescription } from '../../doctor/explain/token.js'
import { formatDuration } from '../../domain/duration.js'
import type { FederatedIdentityCredential } from '../../domain/credential.js'
import { outcomeColor, outcomeSymbols } from './doctor-text.js'
import type { View } from '../format.js'
import { type Colors, noColors } from '../io.js'
import { tree, type TreeNode } from '../tree.js'

/** What the credentials of an identity make of a token. */
export interface CredentialMatch extends Acceptance {
  /** The identity, for people: `application "shop"`. */
  readonly identity: string
}

export interface TokenView extends View {
  /** Whether Entra could take the token, as far as it was looked into. */
  readonly hasPassed: boolean
}

/** A token alone, and which credential of an identity accepts it, where one was given. Of the token only what it says of itself is shown. */
export function tokenView(
  token: TokenDescription,
  judged: CredentialMatch | undefined,
  colors: Colors = noColors
): TokenView {
  // A credential may well be for an audience that no cloud knows.
  const problems = token.problems.filter(({ code }) => code !== 'WrongAudience' || judged?.accepting === undefined)
  const { serviceAccount } = token
  return {
    text: tree({
      text:
        serviceAccount === undefined
          ? 'token'
          : `token of the service account ${serviceAccount.namespace}/${serviceAccount.name}`,
      children: [
        ...problems.map(({ message }) => bad(message, colors)),
        ...claimNodes(token),
        ...(judged === undefined ? [] : [judgedNode(judged, colors)])
      ]
    }),
    data: {
      token: { ...defined(token), problems: problems.map(({ code, message }) => ({ code, message })) },
      ...(judged === undefined ? {} : judgedData(judged))
    },
    names: serviceAccount === undefined ? [] : [`serviceaccount/${serviceAccount.namespace}/${serviceAccount.name}`],
    hasPassed: problems.length === 0 && (judged === undefined || judged.accepting !== undefined)
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

function judgedNode({ identity, accepting, nearest }: CredentialMatch, colors: Colors): TreeNode {
  if (accepting !== undefined)
    return { text: `${outcomeSymbols.ok} the credential ${accepting.name} of the ${identity} accepts it`, children: [] }
  if (nearest === undefined) return bad(`the ${identity} has no credentials with a subject`, colors)
  const { credential, differences } = nearest
  return bad(
    `no credential of the ${identity} accepts it; nearest is ${credential.name}`,
    colors,
    differences.map(({ field, token, credential: theirs }) => ({
      text: `${field} differs`,
      children: [
        { text: `token's:      ${token}`, children: [] },
        { text: `credential's: ${theirs}`, children: [] }
      ]
    }))
  )
}

const bad = (text: string, colors: Colors, children: readonly TreeNode[] = []): TreeNode => ({
  text: `${outcomeSymbols.fail} ${text}`,
  children,
  paint: outcomeColor('fail', colors)
})

/** For programs: docs/output.md. */
function judgedData({ accepting, nearest }: CredentialMatch): Readonly<Record<string, unknown>> {
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
const defined = (entries: object): object =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined))
