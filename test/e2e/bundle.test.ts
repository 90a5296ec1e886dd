import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registerClientCertificate } from '../../sandbox/src/entra/certificate-assertion.js'
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { type AuthMethod, authMethods } from '../../src/config/auth-methods.js'
import { run, startFile } from '../helpers/binary.js'
import { selfSignedCertificate } from '../helpers/certificate.js'
import { startProxy } from '../helpers/connect-proxy.js'
import { useFaultySandbox } from '../helpers/faulty-sandbox.js'
import { addFederatedOperator, audience, mintOperatorToken } from '../helpers/federated-operator.js'
import { copyKubeconfig, type KubeconfigFile } from '../helpers/kubeconfig.js'
import { identityFlags } from '../helpers/managed-identity.js'
import { startSocksProxy } from '../helpers/socks-proxy.js'
import {
  deviceCodeMessage,
  execPluginScript,
  execUser,
  gitHubRunner,
  installAz,
  installAzd,
  installProgram,
  noServicePrincipal,
  personWithDeviceCode,
  startManagedIdentityEndpoint
} from '../helpers/stand-ins.js'
import { serviceAccountIn } from '../helpers/state.js'

/**
 * Smoke tests of dist/. The build leaves out what packages only mention (scripts/lean-packages.ts,
 * scripts/lean-builtins.ts), and writes some code a second time. Tests in this process import src/, so they cannot see
 * what that might break: a login, a program that is started, a proxy, trust.
 */
const test = useFaultySandbox()

type Environment = Readonly<Record<string, string | undefined>>
const noProxy = { HTTPS_PROXY: undefined, https_proxy: undefined, NO_PROXY: undefined, no_proxy: undefined }
const create = ['sa', 'create', '--service-account-name', 'app', ...identityFlags]
/** One write to the cluster, and no request to Azure. */
const annotate = [
  'sa',
  'create',
  'phase',
  'sa',
  '--service-account-name',
  'app',
  '--aad-application-client-id',
  '11111111-2222-4333-8444-555555555555'
]
const azwi = (words: readonly string[], environment: Environment = {}) =>
  run(words, { ...test.environment, ...noProxy, ...environment })
const pathWith = (folder: string) => [folder, '/usr/bin', '/bin'].join(delimiter)
const programs = (name: string) => join(test.directory, name)
const kubeconfig = (name: string, change: (config: KubeconfigFile) => void) =>
  copyKubeconfig(test.environment.KUBECONFIG!, join(test.directory, name), change)

interface LoginSetup {
  readonly environment: Environment
  readonly flags?: readonly string[]
  /** Proves that azwi logged in by this method. */
  readonly check: (ended: { readonly stderr: string }) => void
  readonly close?: () => void
}

const exchanged = () =>
  test.sandbox.requests.filter(({ service, method }) => service === 'entra' && method === 'POST').length
const hasExchanged = () => {
  expect(exchanged()).toBeGreaterThan(0)
}
const hasNotExchanged = () => {
  expect(exchanged()).toBe(0)
}

const logins: Readonly<Record<AuthMethod, () => Promise<LoginSetup>>> = {
  cli: async () => {
    const { subscriptionId, tenantId } = test.sandbox.state
    const folder = await installAz(programs('az'), test.sandbox.state)
    const subscriptions = [{ id: subscriptionId, name: 'sandbox', tenantId, isDefault: true }]
    writeFileSync(join(folder, 'azureProfile.json'), JSON.stringify({ subscriptions }))
    const environment = { ...noServicePrincipal, AZURE_CONFIG_DIR: folder, PATH: pathWith(folder) }
    const check = () => {
      expect(readFileSync(join(folder, 'az.log'), 'utf8')).toContain('account get-access-token')
    }
    return { environment, check }
  },
  client_secret: () => Promise.resolve({ environment: {}, check: hasExchanged }),
  client_certificate: async () => {
    const { certificate, key } = await selfSignedCertificate()
    registerClientCertificate(test.sandbox.state, test.sandbox.state.operator.clientId, certificate)
    const path = join(test.directory, 'certificate.pem')
    writeFileSync(path, certificate + key)
    return {
      environment: { AZURE_CLIENT_SECRET: undefined },
      flags: ['--certificate-path', path],
      check: hasExchanged
    }
  },
  workload_identity: async () => {
    const path = join(test.directory, 'token')
    const clientId = addFederatedOperator(test.sandbox.state)
    writeFileSync(path, await mintOperatorToken(test.sandbox.state))
    const environment = { ...noServicePrincipal, AZURE_CLIENT_ID: clientId, AZURE_FEDERATED_TOKEN_FILE: path }
    return { environment, check: hasExchanged }
  },
  github: async () => {
    const clientId = addFederatedOperator(test.sandbox.state)
    const value = await mintOperatorToken(test.sandbox.state)
    const runner = gitHubRunner(test.sandbox.state, { status: 200, body: { count: 1, value } })
    test.fault(runner.intercept)
    const check = () => {
      expect(new Set(runner.audiences)).toEqual(new Set([audience]))
    }
    return { environment: { ...noServicePrincipal, AZURE_CLIENT_ID: clientId, ...runner.environment }, check }
  },
  managed_identity: async () => {
    const endpoint = await startManagedIdentityEndpoint(test.sandbox.state)
    const check = () => {
      expect(endpoint.resources[0]).toBe(test.sandbox.state.endpoints.arm)
    }
    return { environment: { ...noServicePrincipal, ...endpoint.environment }, check, close: endpoint.close }
  },
  azd: async () => {
    const folder = await installAzd(programs('azd'), test.sandbox.state)
    const environment = { ...noServicePrincipal, PATH: pathWith(folder) }
    return { environment, check: hasNotExchanged }
  },
  device_code: () => {
    const person = personWithDeviceCode(test.sandbox.state)
    test.fault(person.intercept)
    return Promise.resolve({
      environment: { AZURE_CLIENT_SECRET: undefined },
      check: ({ stderr }: { readonly stderr: string }) => {
        expect(stderr.split('\n')).toContain(deviceCodeMessage)
        expect(person.codes()).toBe(1)
      }
    })
  },
  default: () => Promise.resolve({ environment: {}, check: hasExchanged })
}

describe('the bundle logs in', () => {
  it.each(authMethods)('by --auth-method %s', async method => {
    const { environment, flags = [], check, close } = await logins[method]()
    try {
      const ended = await azwi([...create, '--auth-method', method, ...flags], environment)
      expect(ended.status, ended.stderr).toBe(0)
      expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
      check(ended)
    } finally {
      close?.()
    }
  })

  it('for Graph, too', async () => {
    const { status, stderr } = await azwi([
      'sa',
      'create',
      '--service-account-name',
      'app',
      '--grant',
      'Reader=rg:azwi-sandbox'
    ])
    expect(status, stderr).toBe(0)
    expect(test.sandbox.state.applications.size).toBe(1)
    expect(test.sandbox.state.roleAssignments.size).toBe(1)
  })
})

describe('the bundle connects to a cluster', () => {
  it('by an exec plugin', async () => {
    const plugin = installProgram(programs('kubelogin'), execPluginScript(test.sandbox.state.cluster.adminToken))
    const path = kubeconfig('exec', config => {
      config.users[0]!.user = execUser(plugin)
    })
    const { status, stderr } = await azwi([...annotate, '--kubeconfig', path])
    expect(status, stderr).toBe(0)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeDefined()
  })

  it('by a token file', async () => {
    const tokenFile = join(test.directory, 'admin-token')
    writeFileSync(tokenFile, test.sandbox.state.cluster.adminToken)
    const path = kubeconfig('token-file', config => {
      config.users[0]!.user = { tokenFile }
    })
    const { status, stderr } = await azwi([...annotate, '--kubeconfig', path])
    expect(status, stderr).toBe(0)
  })
})

describe('the bundle trusts', () => {
  const withoutAuthority = () =>
    kubeconfig('without-authority', config => {
      delete config.clusters[0]!.cluster['certificate-authority-data']
    })

  it('certificate-authority-data, for the cluster', async () => {
    const { status, stderr } = await azwi(annotate, {
      NODE_EXTRA_CA_CERTS: undefined,
      ARM_CLOUD_METADATA_URL: undefined,
      AZURE_AUTHORITY_HOST: undefined
    })
    expect(status, stderr).toBe(0)
  })

  it('NODE_EXTRA_CA_CERTS, for Azure and the cluster', async () => {
    const { status, stderr } = await azwi([...create, '--kubeconfig', withoutAuthority()])
    expect(status, stderr).toBe(0)
  })

  it('no unknown authority', async () => {
    const { status, stderr } = await azwi([...annotate, '--kubeconfig', withoutAuthority()], {
      NODE_EXTRA_CA_CERTS: undefined,
      ARM_CLOUD_METADATA_URL: undefined,
      AZURE_AUTHORITY_HOST: undefined
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*certificate/m)
    expect(serviceAccountIn(test.sandbox.state, 'app')).toBeUndefined()
  })
})

describe('the bundle uses', () => {
  it("the cluster's own proxy, and HTTPS_PROXY for Azure", async () => {
    const [proxy, clusterProxy] = await Promise.all([startProxy(), startProxy()])
    try {
      const path = kubeconfig('proxied', config => {
        config.clusters[0]!.cluster['proxy-url'] = clusterProxy.url
      })
      const { status, stderr } = await azwi([...create, '--kubeconfig', path], { HTTPS_PROXY: proxy.url })
      expect(status, stderr).toBe(0)
      const host = (service: 'arm' | 'entra' | 'kubernetes') => new URL(test.sandbox.state.endpoints[service]).host
      expect(new Set(proxy.tunnels)).toEqual(new Set([host('arm'), host('entra')]))
      expect(new Set(clusterProxy.tunnels)).toEqual(new Set([host('kubernetes')]))
    } finally {
      await Promise.all([proxy.close(), clusterProxy.close()])
    }
  })

  it('a SOCKS proxy, for the cluster', async () => {
    const proxy = await startSocksProxy()
    try {
      const path = kubeconfig('socks', config => {
        config.clusters[0]!.cluster['proxy-url'] = proxy.url
      })
      const { status, stderr } = await azwi([...annotate, '--kubeconfig', path])
      expect(status, stderr).toBe(0)
      expect(proxy.connections.length).toBeGreaterThan(0)
    } finally {
      proxy.close()
    }
  })
})

describe('the bundle, with the host names of the public cloud', () => {
  let sandbox: Sandbox
  let environment: Record<string, string>
  beforeAll(async () => {
    sandbox = await startSandbox({ cloud: 'AzurePublicCloud' })
    environment = await sandbox.environment(join(test.directory, 'cloud'))
  })
  afterAll(() => sandbox.close())

  it('sends requests to Entra, Graph, ARM and the cluster through HTTPS_PROXY', async () => {
    const words = ['sa', 'create', '--service-account-name', 'app', '--grant', 'Reader=rg:azwi-sandbox']
    const { status, stderr } = await run(words, environment)
    expect(status, stderr).toBe(0)
    expect(sandbox.state.roleAssignments.size).toBe(1)
    expect(new Set(sandbox.requests.map(({ service }) => service))).toEqual(
      new Set(['entra', 'graph', 'arm', 'kubernetes'])
    )
  })
})

describe('jwks, which the build writes a second time as CommonJS', () => {
  const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
  /** The same command line, answered by the modules that answer everything else. */
  const byModules = (words: readonly string[]) => {
    const script = `import(${JSON.stringify(new URL('../../dist/main.js', import.meta.url).href)})
      .then(({ run, processHost }) => run(process.argv.slice(1), processHost()))
      .then(status => { process.exitCode = status })`
    return startFile(process.execPath, ['-e', script, '--', ...words], {}).ended
  }

  it.each([
    [['--public-keys', file('fixtures/keys/rsa.pub')]],
    [['--public-keys', file('fixtures/keys/rsa.pub'), '-o', 'yaml']],
    [['--public-keys', '/nonexistent.pub']],
    [['--public-keys', file('counts.test.ts'), '--debug']],
    [['--help']],
    [['--unknown']]
  ])('answers %j as the other bundle does', async words => {
    const [own, other] = await Promise.all([run(['jwks', ...words]), byModules(['jwks', ...words])])
    const stack = /^ {4}at .*\n/gm
    expect({ ...own, stderr: own.stderr.replace(stack, '') }).toEqual({
      ...other,
      stderr: other.stderr.replace(stack, '')
    })
    expect(own.stdout + own.stderr).not.toBe('')
  })
})
