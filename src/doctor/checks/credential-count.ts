import { mostCredentials, type FederatedIdentityCredential } from '../../identity/federated-credential.js'
import type { ConnectedIdentity } from '../../phases/connection.js'
import { fail, ok, warn, type Finding } from '../finding.js'
import { called } from './follow.js'
import { deleteCredentialLine } from './identity-fixes.js'
import { isDead, type WantedTrust } from './nearest-credential.js'

/** From how many on dead ones are worth a warning: `create` warns from here on as well. */
const nearlyFull = 17

type Credentials = readonly FederatedIdentityCredential[]

/**
 * How many of at most 20 there are. A warning only where something can be done about it: a full identity whose credentials all live is
 * none. The one that is `meant` for the service account is about to be mended, and not dead.
 */
export function credentialCountCheck(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  meant?: FederatedIdentityCredential
): Finding {
  const dead = credentials.filter(each => each !== meant && isDead(wanted, each))
  const count = `${called(identity)} has ${credentials.length} of at most ${mostCredentials} credentials`
  if (credentials.length < nearlyFull || dead.length === 0) return ok('credential-count', count)
  return warn(
    'credential-count',
    `${count}, ${dead.length} of them for service accounts that the cluster does not have`,
    {
      found: String(credentials.length),
      details: listed(wanted, dead),
      fix: dead.map(({ name }) => deleteCredentialLine(identity, name))
    }
  )
}

/** That a credential is missing, and that there is no room for it: a dead one makes room, else one that the reader must choose. */
export function noRoomFinding(
  wanted: WantedTrust,
  identity: ConnectedIdentity,
  credentials: Credentials,
  adding: string
): Finding {
  const dead = credentials.find(each => isDead(wanted, each))
  return fail(
    'credential-count',
    `${called(identity)} has ${credentials.length} credentials, none for this service account, and Entra takes no more than ${mostCredentials}`,
    {
      found: String(credentials.length),
      expected: `at most ${mostCredentials - 1}, to have room for one more`,
      details: listed(wanted, credentials),
      fix: [deleteCredentialLine(identity, dead?.name ?? '<name of one that is no longer used>'), adding]
    }
  )
}

function listed(wanted: WantedTrust, credentials: Credentials): string[] {
  return credentials.map(
    each =>
      `${each.name}  ${each.subject}  ${each.issuer}${isDead(wanted, each) ? '  (dead: the cluster has no such service account)' : ''}`
  )
}
