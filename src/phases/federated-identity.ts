import { allInOrder } from '../async.js'
import { AzwiError, shellQuoted } from '../errors.js'
import { credentialNames, federatedIdentityCredentialName, isDerivedCredentialName } from '../domain/names.js'
import {
  type FederatedIdentityCredential,
  maxCredentials,
  nearMisses,
  sameTrust,
  type Trust
} from '../domain/credential.js'
import { parseServiceAccountSubject, serviceAccountSubject } from '../domain/subject.js'
import type { Context, Service } from '../context.js'
import { identityKind, namesIdentity } from '../identities/choice.js'
import type { Identity } from '../identities/identity.js'
import { checkAdoption } from '../ownership/adoption.js'
import { decideDeletion, deletionServices } from '../ownership/for-delete.js'
import {
  type Action,
  type Change,
  type ConnectionPhase,
  type FieldChange,
  type ObjectKind,
  reportOnly
} from '../engine/phase.js'
import { issuerServices, subjectOptions } from '../identities/subject.js'

/** The number of credentials from which on azwi warns that Entra accepts at most 20. */
const nearlyFull = 17

const credentialKind: ObjectKind = {
  noun: 'federated credential',
  resultField: 'credential',
  part: 'credential',
  messages: { create: 'added federated credential' },
  resultKeys: { objectID: 'applicationObjectId', managedIdentityID: 'managedIdentityId' },
  reference: ({ subject }) => `federatedcredential/${subject ?? ''}`
}

/** Writes the federated identity credential, by which the identity trusts the tokens of the service account. */
export const federatedIdentity: ConnectionPhase = {
  name: 'federated-identity',
  alias: 'fi',
  summary: 'the credential by which the identity trusts the service account',
  objects: [credentialKind],
  part: 'credential',
  deleted: 'with the identity',
  options: { create: [...subjectOptions, 'audience'], delete: subjectOptions },
  services: (settings, verb) => [
    ...(verb === 'delete' && !namesIdentity(settings) ? [] : [storeService(identityKind(settings))]),
    ...(verb === 'delete' ? deletionServices(settings) : issuerServices(settings))
  ],
  validate: settings => {
    settings.require('serviceAccountName')
    return undefined
  },

  create: async (context, findIdentity) => {
    const [wanted, identity] = await allInOrder([
      wantedCredential(context),
      findIdentity(),
      warnOfPrivateIssuer(context)
    ])
    const [, planned] = await allInOrder([checkAdoption(context, identity), decideWrite(context, identity, wanted)])
    const change = ({ action, differences }: CredentialWrite, owner?: Readonly<Record<string, string>>): Change => ({
      ...credentialChange(action, wanted, owner),
      differences
    })
    return {
      changes: [change(planned, await identity?.credentials.owner())],
      apply: async (emit, provided) => {
        const { credentials, isNew } = provided
        // An identity that appeared after the plan can have credentials already.
        const write = identity === undefined && !isNew ? await decideWrite(context, provided, wanted) : planned
        if (write.action !== 'keep') await credentials.write(write.target, write.action === 'create')
        emit(change(write, await credentials.owner()))
      }
    }
  },

  delete: async context => {
    const [wanted, { identity, credential, deletesIdentity, additions }] = await Promise.all([
      wantedCredential(context),
      decideDeletion(context)
    ])
    const owner = await identity?.credentials.owner()
    if (identity === undefined || credential === undefined) {
      const absent = credentialChange('absent', wanted, owner)
      return reportOnly(deletesIdentity ? absent : { ...absent, additions })
    }
    const change = credentialChange('delete', wanted, owner)
    return {
      // The identity's own change reports what people have added, if the credential is deleted with it.
      changes: [deletesIdentity ? change : { ...change, additions }],
      apply: async (emit, isIdentityDeleted) => {
        const isDeleted = isIdentityDeleted || (await identity.credentials.delete(credential.name))
        emit(isDeleted ? change : credentialChange('absent', wanted, owner))
      }
    }
  }
}

const storeService = (kind: Identity['kind']): Service => (kind === 'application' ? 'graph' : 'arm')

async function wantedCredential({ settings, issuer, cloud }: Context): Promise<FederatedIdentityCredential> {
  const namespace = settings.require('serviceAccountNamespace')
  const serviceAccount = settings.require('serviceAccountName')
  const [issuerUrl, { exchangeAudience }] = await allInOrder([issuer(), cloud()])
  return {
    name: federatedIdentityCredentialName(namespace, serviceAccount, issuerUrl),
    issuer: issuerUrl,
    subject: serviceAccountSubject(namespace, serviceAccount),
    audiences: [exchangeAudience]
  }
}

/** What create does with the credential. */
interface CredentialWrite {
  readonly action: Action
  readonly target: FederatedIdentityCredential
  readonly differences: readonly FieldChange[]
}

/** Decides what create writes. `identity` is undefined if it will be created. */
async function decideWrite(
  context: Context,
  identity: Identity | undefined,
  wanted: FederatedIdentityCredential
): Promise<CredentialWrite> {
  const existing = identity && (await existingCredential(context, identity, wanted))
  if (existing === undefined)
    return { action: 'create', target: { ...wanted, name: await freeName(context, identity, wanted) }, differences: [] }
  const target = { ...wanted, name: existing.name }
  if (sameAudiences(existing, wanted)) return { action: 'keep', target, differences: [] }
  refuseForeignCredential(context, existing, wanted)
  const differences = [{ field: 'audiences', from: existing.audiences.join(', '), to: wanted.audiences.join(', ') }]
  return { action: 'update', target, differences }
}

/** Throws an AzwiError for a credential that azwi did not create. Entra accepts no second one with the same issuer and subject. */
function refuseForeignCredential(
  { settings }: Context,
  { name, audiences }: FederatedIdentityCredential,
  { issuer, audiences: wanted }: FederatedIdentityCredential
): void {
  const namespace = settings.require('serviceAccountNamespace')
  if (isDerivedCredentialName(name, namespace, settings.require('serviceAccountName'), issuer)) return
  throw new AzwiError(
    'CredentialOfOthers',
    `the credential ${name} trusts this service account with another audience, and azwi did not create it, so nothing was written`,
    {
      lines: [`it is for ${audiences.join(', ')}, and not for ${wanted.join(', ')}`],
      hint: `use it as it is: --audience ${shellQuoted(audiences[0] ?? '')}; or change its audience, or delete it, with the tool that created it`
    }
  )
}

/**
 * Finds the credential with this issuer and subject, whatever its name is. Warns of credentials that differ only slightly. Throws if there is none and
 * the identity cannot take another one.
 */
async function existingCredential(
  context: Context,
  { credentials }: Identity,
  wanted: FederatedIdentityCredential
): Promise<FederatedIdentityCredential | undefined> {
  const listed = await credentials.list()
  const existing = listed.find(sameTrust(wanted))
  if (existing !== undefined) return existing
  for (const { name, issuer, subject } of nearMisses(wanted, listed)) {
    context.log.warn(`the credential ${name} is nearly the one wanted, but Entra compares byte for byte`, {
      issuer,
      subject,
      wantedIssuer: wanted.issuer,
      wantedSubject: wanted.subject
    })
  }
  if (listed.length >= maxCredentials) {
    throw new AzwiError(
      'TooManyCredentials',
      `the identity has ${listed.length} federated identity credentials, and Entra takes no more than ${maxCredentials}`,
      {
        lines: await listCredentials(context, listed, wanted.issuer),
        hint: 'delete one that is no longer used, or use another identity'
      }
    )
  }
  if (listed.length + 1 >= nearlyFull)
    context.log.warn(
      `the identity will have ${listed.length + 1} of at most ${maxCredentials} federated identity credentials`
    )
  return undefined
}

/** Returns the name for a new credential. To write it under the name of another credential would overwrite that one. */
async function freeName(
  { settings, log }: Context,
  identity: Identity | undefined,
  { issuer, name: first }: FederatedIdentityCredential
): Promise<string> {
  const taken = new Set(((await identity?.credentials.list()) ?? []).map(({ name }) => name.toLowerCase()))
  if (!taken.has(first.toLowerCase())) return first
  const names = credentialNames(
    settings.require('serviceAccountNamespace'),
    settings.require('serviceAccountName'),
    issuer
  )
  const name = names.find(candidate => !taken.has(candidate.toLowerCase())) ?? first
  log.warn(`the name ${first} belongs to a credential with other contents, so the new one gets another name`, { name })
  return name
}

function sameAudiences(existing: FederatedIdentityCredential, wanted: FederatedIdentityCredential): boolean {
  return (
    existing.audiences.length === wanted.audiences.length &&
    existing.audiences.every((audience, index) => audience === wanted.audiences[index])
  )
}

/** Warns of an issuer that cannot work. A wrong issuer shows only when Entra rejects the token of a pod. */
async function warnOfPrivateIssuer({ issuer, log }: Context): Promise<void> {
  if (!/\.(svc|local)$/.test(new URL(await issuer()).hostname)) return
  log.warn('the issuer is an address inside the cluster: Entra cannot fetch its keys, and will refuse its tokens', {
    issuer: await issuer()
  })
}

function credentialChange(
  action: Action,
  { issuer, subject }: Trust,
  owner: Readonly<Record<string, string>> = {}
): Change {
  return { kind: credentialKind, action, fields: { ...owner, issuerURL: issuer, subject }, trust: { issuer, subject } }
}

/**
 * Lists the credentials, one line each, for a person who must choose one to delete. Marks those of this cluster whose service account does not exist.
 * Nothing is known about the service accounts of other issuers.
 */
async function listCredentials(
  context: Context,
  credentials: readonly FederatedIdentityCredential[],
  issuer: string
): Promise<string[]> {
  return allInOrder(
    credentials.map(
      async credential =>
        `${credential.name}  ${credential.subject}  ${credential.issuer}${(await isUnused(context, credential, issuer)) ? '  (looks dead: the cluster has no such service account)' : ''}`
    )
  )
}

async function isUnused(
  { kubernetes, bestEffort }: Context,
  credential: FederatedIdentityCredential,
  issuer: string
): Promise<boolean> {
  const account = credential.issuer === issuer ? parseServiceAccountSubject(credential.subject) : undefined
  if (account === undefined) return false
  // The mark is only advice: without a quick answer from the cluster there is none.
  return (await bestEffort(async () => (await (await kubernetes()).serviceAccount(account)) === undefined)) ?? false
}
