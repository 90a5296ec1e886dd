import { describe, expect, it } from 'vitest'
import { entraErrors } from '../../src/domain/entra-errors.js'
import { explainError, findEntraCode } from '../../src/doctor/explain/error.js'
import { UsageError } from '../../src/errors.js'

const client = '11111111-1111-1111-1111-111111111111'
const tenant = '22222222-2222-2222-2222-222222222222'
const noise = ` Trace ID: 33333333-3333-3333-3333-333333333333 Correlation ID: 44444444-4444-4444-4444-444444444444 Timestamp: 2026-01-01 00:00:00Z`

describe('entraErrors', () => {
  it.each(Object.entries(entraErrors))(
    '%s has texts of one line without a full stop',
    (code, { meaning, cause, passing }) => {
      expect(code).toMatch(/^AADSTS\d+$/)
      for (const text of [meaning, cause, passing ?? meaning]) expect(text).toMatch(/^\S.*[^.]$/)
    }
  )

  it.each([
    '700211',
    '700212',
    '700213',
    '7002138',
    '70021',
    '700016',
    '7000272',
    '700024',
    '70023',
    '5002738',
    '90061',
    '50166',
    '900612',
    '50005',
    '530003',
    '53003',
    '90002',
    '700027',
    '7000215',
    '7000222',
    '50020',
    '65001',
    '500011',
    '700022',
    '70025',
    '7002381'
  ])('explains AADSTS%s', number => {
    expect(entraErrors[`AADSTS${number}`]).toBeDefined()
  })
})

describe('findEntraCode', () => {
  it.each([
    ['finds a code in a text', 'AADSTS700213: No matching', 'AADSTS700213'],
    ['finds a code in JSON', '{"error":"invalid_client","error_codes":[700024]}', 'AADSTS700024'],
    ['finds a code in JSON in a log', '{\\"error_codes\\":[700024]}', 'AADSTS700024'],
    ['finds a code in a link', 'see https://login.microsoftonline.com/error?code=90061', 'AADSTS90061'],
    ['prefers a known code', 'AADSTS999999: x AADSTS70021: y', 'AADSTS70021'],
    ['returns an unknown code if there is no other', 'AADSTS999999: x', 'AADSTS999999'],
    ['returns undefined without a code', 'it does not work', undefined]
  ])('%s', (_, text, expected) => {
    expect(findEntraCode(text)).toBe(expected)
  })
})

describe('explainError', () => {
  it.each<[string, string, object]>([
    [
      'the subject',
      `AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:checkout'.${noise}`,
      { subject: 'system:serviceaccount:shop:checkout' }
    ],
    [
      'the issuer that .NET has escaped',
      'AADSTS700211: No matching federated identity record found for presented assertion issuer \\u0027https://oidc/\\u0027. Check',
      { issuer: 'https://oidc/' }
    ],
    [
      'the audience',
      "AADSTS700212: No matching federated identity record found for presented assertion audience 'my.audience'. Check",
      { audience: 'my.audience' }
    ],
    [
      'all three from the older text',
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://oidc/'. Assertion Subject: 'a:b'. Assertion Audience: 'api://x'.",
      { issuer: 'https://oidc/', subject: 'a:b', audience: 'api://x' }
    ],
    [
      'client and directory',
      `AADSTS700016: Application with identifier '${client}' was not found in the directory 'Contoso'. This`,
      { clientId: client, tenant: 'Contoso' }
    ],
    [
      'client and tenant',
      `AADSTS7000229: The client application ${client} is missing service principal in the tenant ${tenant}. See`,
      { clientId: client, tenant }
    ],
    ['a disabled client', `AADSTS7000112: Application '${client}'(shop) is disabled.`, { clientId: client }],
    [
      'the key and the issuer',
      'AADSTS7000272: The certificate with identifier abc-1 used to sign the federated credential could not be found in the metadata of identity provider https://oidc.example.com. Please',
      { keyId: 'abc-1', issuer: 'https://oidc.example.com' }
    ],
    [
      'the key and the issuer, quoted',
      "AADSTS7000272: The certificate with identifier 'abc' used to sign … metadata of identity provider 'https://oidc/c/'.",
      { keyId: 'abc', issuer: 'https://oidc/c/' }
    ],
    ['the tenant', `AADSTS90002: Tenant '${tenant}' not found. Check`, { tenant }],
    [
      'the tenant of the request',
      `http call(https://login.microsoftonline.com//${tenant}//oauth2/v2.0/token)(POST) AADSTS90061: Request to External OIDC endpoint failed.`,
      { tenant }
    ],
    [
      'the resource',
      'AADSTS500011: The resource principal named https://vault.azure.com was not found in the tenant named Contoso. This',
      { resource: 'https://vault.azure.com' }
    ],
    ['nothing', `AADSTS900612: Failed to parse provider signing keys.${noise}`, {}]
  ])('reads %s out of the text', (_, text, facts) => {
    expect(explainError(text).facts).toEqual(facts)
  })

  it('returns lines to run next with the values from the text, and asks for the others', () => {
    const { next, needs } = explainError(
      `AADSTS700213: … assertion subject 'system:serviceaccount:shop:checkout' … tenant ${tenant}`
    )
    expect(next).toEqual([
      `azwi doctor -n shop checkout --tenant-id ${tenant}`,
      "kubectl exec '<pod>' --namespace shop -- cat /var/run/secrets/azure/tokens/azure-identity-token | " +
        `azwi doctor --token-file - --aad-application-client-id '<client id>' --tenant-id ${tenant}`
    ])
    expect(needs).toEqual(['the client id that was used: AZURE_CLIENT_ID in the pod'])
  })

  it.each([
    ['AADSTS700024: expired', /^kubectl exec .* \| azwi doctor --token-file -$/],
    ['AADSTS90061: unreachable', /^azwi doctor -n '<namespace>' '<service account>'$/],
    [
      'AADSTS500011: The resource principal named https://vault.azure.com was not found',
      /--resource https:\/\/vault\.azure\.com$/
    ],
    [`AADSTS50076: multi-factor, tenant '${tenant}'`, new RegExp(`^az login --tenant ${tenant}$`)],
    [`AADSTS7000215: Invalid client secret … for a secret added to app '${client}'.`, new RegExp(`--id ${client}$`)]
  ])('suggests a line for: %s', (text, expected) => {
    expect(explainError(text).next[0]).toMatch(expected)
  })

  it('quotes values from the text', () => {
    expect(explainError('AADSTS500011: The resource principal named $(reboot) was not found').next[0]).toContain(
      "'$(reboot)'"
    )
  })

  it("links Microsoft's page for an unknown code", () => {
    expect(explainError('AADSTS999999: x')).toMatchObject({
      meaning: undefined,
      cause: undefined,
      needs: expect.arrayContaining([
        'what AADSTS999999 means: https://login.microsoftonline.com/error?code=999999'
      ]) as string[]
    })
  })

  it('throws for a text without a code, and does not repeat the text', () => {
    expect(() => explainError('eyJhbGciOi')).toThrow(UsageError)
    expect(() => explainError('eyJhbGciOi')).not.toThrow(/eyJ/)
  })
})
