import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { addAnnotated, connectApplication, connectManagedIdentity, subjectOf } from '../../helpers/connected.js'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { messages } from '../../helpers/log.js'
import { addServiceAccount, groupScope, issuerOf } from '../../helpers/state.js'

const test = useFaultySandbox()
const list = (...words: readonly string[]) => test.run('serviceaccount', 'list', ...words)

interface Listed {
  readonly issuer: string
  readonly serviceAccounts: readonly {
    readonly name: string
    readonly status: string
    readonly problems: readonly { readonly code: string; readonly message: string }[]
  }[]
}
const json = async (...words: readonly string[]): Promise<Listed> =>
  JSON.parse((await list('-o', 'json', ...words)).stdout) as Listed

describe('azwi serviceaccount list', () => {
  it('prints a table of the annotated service accounts of all namespaces, with both kinds of identity', async () => {
    const { state } = test.sandbox
    connectApplication(state, 'web')
    connectManagedIdentity(state, 'jobs', 'kube-public')
    addServiceAccount(state, 'not-ours')
    const { status, stdout, stderr } = await list()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(
      [
        'NAMESPACE     NAME   IDENTITY          CREDENTIALS   ROLES    STATUS',
        'default       web    app/default-web   1/20          Reader   ok',
        'kube-public   jobs   mi/jobs           1/20          Reader   ok',
        ''
      ].join('\n')
    )
  })

  it('can be limited to one namespace', async () => {
    const { state } = test.sandbox
    connectApplication(state, 'web')
    connectApplication(state, 'web', 'kube-public')
    expect((await list('-n', 'kube-public', '-o', 'name')).stdout).toBe('serviceaccount/kube-public/web\n')
    expect((await list('--namespace', 'Wrong')).status).toBe(2)
  })

  it('reports on stderr that there are none, and prints nothing on stdout', async () => {
    const { status, stdout, stderr } = await list()
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    expect(messages(stderr)).toEqual(['no service account is annotated for workload identity in the cluster'])
    expect((await json()).serviceAccounts).toEqual([])
  })

  it('prints every ID as JSON, and the same as YAML', async () => {
    const { state } = test.sandbox
    const { application, principal } = connectApplication(state, 'web')
    const assignment = [...state.roleAssignments.values()][0]!
    const { stdout } = await list('-o', 'json')
    expect(JSON.parse(stdout)).toEqual({
      issuer: issuerOf(state),
      serviceAccounts: [
        {
          namespace: 'default',
          name: 'web',
          clientId: application.appId,
          identity: {
            kind: 'application',
            name: 'default-web',
            clientId: application.appId,
            objectId: application.id,
            principalId: principal.id
          },
          credential: {
            name: 'web-credential',
            issuer: issuerOf(state),
            subject: subjectOf('web'),
            audiences: ['api://AzureADTokenExchange']
          },
          credentials: { count: 1, limit: 20 },
          roleAssignments: [{ id: assignment.id, role: 'Reader', scope: groupScope(state) }],
          status: 'ok',
          problems: []
        }
      ]
    })
    expect(parse((await list('-o', 'yaml')).stdout)).toEqual(JSON.parse(stdout))
  })

  it('finds a managed identity of another subscription by its principal', async () => {
    const { state } = test.sandbox
    const identity = connectManagedIdentity(state, 'jobs')
    const elsewhere = identity.id.replace(state.subscriptionId, '11111111-1111-1111-1111-111111111111')
    state.managedIdentities.clear()
    state.servicePrincipals.get(identity.principalId)!.alternativeNames = ['isExplicit=True', elsewhere]
    expect((await json()).serviceAccounts).toMatchObject([
      {
        identity: { kind: 'managed-identity', id: elsewhere, principalId: identity.principalId },
        roleAssignments: [{ role: 'Reader' }]
      }
    ])
  })
})

describe('the problems in azwi serviceaccount list', () => {
  const problemsOf = async (): Promise<string[]> =>
    (await json()).serviceAccounts.flatMap(({ problems }) => problems.map(({ code, message }) => `${code}: ${message}`))

  it.each([
    [
      'an empty client ID',
      () => {
        addAnnotated(test.sandbox.state, 'web', '')
      },
      /^NoClientId: .*client-id/,
      '<none>.*no client id'
    ],
    [
      'other annotations without a client ID',
      () => {
        addAnnotated(test.sandbox.state, 'web', undefined, 'default', {
          'azure.workload.identity/tenant-id': test.sandbox.state.tenantId
        })
      },
      /^NoClientId/,
      'no client id'
    ],
    [
      'an unknown client ID',
      () => {
        addAnnotated(test.sandbox.state, 'web', '00000000-0000-0000-0000-000000000001')
      },
      /^IdentityNotFound: .*0001/,
      '0001 +<none> +<none> +identity missing'
    ],
    [
      'an invalid client ID',
      () => {
        addAnnotated(test.sandbox.state, 'web', "oops'")
      },
      /^IdentityNotFound: .*oops/,
      'identity missing'
    ],
    [
      'another tenant',
      () => {
        addAnnotated(test.sandbox.state, 'web', '00000000-0000-0000-0000-000000000001', 'default', {
          'azure.workload.identity/tenant-id': '00000000-0000-0000-0000-000000000002'
        })
      },
      /^OtherTenant: .*0002/,
      'other tenant'
    ],
    [
      'a missing service principal',
      () => {
        const { principal } = connectApplication(test.sandbox.state, 'web')
        test.sandbox.state.servicePrincipals.delete(principal.id)
      },
      /^PrincipalNotFound: .*default-web/,
      'service principal missing'
    ],
    [
      'no credential',
      () => {
        connectApplication(test.sandbox.state, 'web').application.federatedIdentityCredentials = []
      },
      /^NoCredential: .*default:web/,
      '0/20 +Reader +no credential'
    ],
    [
      'an issuer without its slash',
      () => {
        const [credential] = connectApplication(test.sandbox.state, 'web').application.federatedIdentityCredentials
        credential!.issuer = credential!.issuer.replace(/\/$/, '')
      },
      /^NoCredential: .*nearly: web-credential/,
      '1/20 +Reader +no credential'
    ],
    [
      'the issuer of another cluster',
      () => {
        const [credential] = connectApplication(test.sandbox.state, 'web').application.federatedIdentityCredentials
        credential!.issuer = 'https://old.example/'
      },
      /^NoCredential: .*web-credential is for the same subject of https:\/\/old\.example\//,
      'no credential'
    ],
    [
      'a wrong audience',
      () => {
        connectApplication(test.sandbox.state, 'web').application.federatedIdentityCredentials[0]!.audiences = [
          'api://other'
        ]
      },
      /^WrongAudience: .*api:\/\/other/,
      'wrong audience'
    ],
    [
      'no role',
      () => {
        connectManagedIdentity(test.sandbox.state, 'web')
        test.sandbox.state.roleAssignments.clear()
      },
      /^NoRole/,
      '<none> +no role'
    ]
  ])('include %s', async (_, arrange, problem, line) => {
    arrange()
    expect(await problemsOf()).toEqual([expect.stringMatching(problem)])
    const { status, stdout } = await list()
    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`${line}\n$`))
    expect((await json()).serviceAccounts).toMatchObject([{ status: 'problem' }])
  })

  it('are found with the issuer and the audience of the flags', async () => {
    const { application } = connectApplication(test.sandbox.state, 'web')
    Object.assign(application.federatedIdentityCredentials[0]!, {
      issuer: 'https://other.example/',
      audiences: ['api://other']
    })
    const { serviceAccounts } = await json(
      '--service-account-issuer-url',
      'https://other.example/',
      '--audience',
      'api://other'
    )
    expect(serviceAccounts).toMatchObject([{ status: 'ok' }])
  })
})
