import { type ConnectionPhase, type ObjectKind, reportOnly } from '../../src/engine/phase.js'
import { AzwiError } from '../../src/errors.js'

const issuerKind: ObjectKind = {
  noun: 'issuer',
  resultField: 'issuer',
  reference: ({ issuer }) => `issuer/${issuer ?? ''}`
}

/** Checks that Entra can fetch the issuer's keys. */
export const issuerCheck: ConnectionPhase = {
  name: 'issuer-check',
  alias: 'ic',
  summary: 'the check that the issuer is a public https URL',
  objects: [issuerKind],
  options: { create: ['serviceAccountIssuerUrl'], delete: [] },
  services: settings => (settings.given('serviceAccountIssuerUrl') ? [] : ['kubernetes']),
  validate: (_settings, verb) => (verb === 'delete' ? 'it creates nothing' : undefined),
  create: async (context, findIdentity) => {
    const [issuer, identity] = await Promise.all([context.issuer(), findIdentity()])
    if (!issuer.startsWith('https://')) throw new AzwiError('IssuerNotHttps', `the issuer ${issuer} is not https`)
    const clientID = await identity?.clientId()
    return {
      changes: [{ kind: issuerKind, action: 'keep', fields: { issuer, clientID } }],
      apply: async (emit, identity) => {
        emit({ kind: issuerKind, action: 'keep', fields: { issuer, clientID: await identity.clientId() } })
      }
    }
  },
  delete: () => Promise.resolve(reportOnly())
}
