import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { copyKubeconfig, type KubeconfigFile } from '../../helpers/kubeconfig.js'
import { identityFlags } from '../../helpers/managed-identity.js'
import { execPluginScript, execUser, installProgram } from '../../helpers/stand-ins.js'
import { serviceAccountIn } from '../../helpers/state.js'

const test = useFaultySandbox()
const words = (...more: readonly string[]) => [
  'sa',
  'create',
  '--service-account-name',
  'app',
  ...identityFlags,
  ...more
]
/** Writes a changed copy of the sandbox's kubeconfig to another file. */
const kubeconfig = (name: string, change: (config: KubeconfigFile) => void) =>
  copyKubeconfig(test.environment.KUBECONFIG!, join(test.directory, 'kubeconfigs', name), change)
const user = (name: string, value: Record<string, unknown>) =>
  kubeconfig(name, config => {
    config.users[0]!.user = value
  })
const made = () => serviceAccountIn(test.sandbox.state, 'app')

/** Installs an exec plugin that appends its arguments to a log beside it, and returns its path. */
function plugin(name: string, token = test.sandbox.state.cluster.adminToken, more = ''): string {
  const path = join(test.directory, 'kubeconfigs', name)
  const log = `require('node:fs').appendFileSync(${JSON.stringify(`${path}.log`)}, process.argv.slice(2).join(' ') + '\\n')`
  return installProgram(path, [more, log, execPluginScript(token)].join('\n'))
}

describe('a kubeconfig with an exec plugin', () => {
  it('is used as kubectl uses it, and the plugin runs once', async () => {
    const command = plugin('kubelogin')
    const { status, stderr } = await test.azwi(words('--kubeconfig', user('exec', execUser(command))))
    expect(status, stderr).toBe(0)
    expect(made()).toBeDefined()
    expect(readFileSync(`${command}.log`, 'utf8')).toBe('get-token --login azurecli\n')
    expect(stderr).not.toContain(test.sandbox.state.cluster.adminToken)
  })

  it('can name the plugin by a relative path, and set its environment', async () => {
    plugin('relative', undefined, "if (process.env.LENT !== 'yes') process.exit(3)")
    const { status, stderr } = await test.azwi(
      words('--kubeconfig', user('exec-relative', execUser('./relative', { env: [{ name: 'LENT', value: 'yes' }] })))
    )
    expect(status, stderr).toBe(0)
  })

  it.each([
    ['is not installed', () => '/nonexistent/kubelogin', /kubelogin/],
    [
      'fails',
      () => plugin('failing', '', "process.stderr.write('please log in first\\n'); process.exit(1)"),
      /please log in first/
    ]
  ])('is an error with a hint, and nothing is written, if the plugin %s', async (_, command, mention) => {
    const { status, stderr } = await test.azwi(words('--kubeconfig', user('exec-bad', execUser(command()))))
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/^Error: .+\nHint: .+/m)
    expect(stderr.split('\n').find(line => line.startsWith('Error: '))).toMatch(mention)
    expect(stderr).not.toContain('should not have happened')
    expect(test.sandbox.state.managedIdentities.size).toBe(0)
  })

  it('is an error with exit code 4 if the cluster refuses the token', async () => {
    const { status, stderr } = await test.azwi(
      words('--kubeconfig', user('exec-refused', execUser(plugin('refused', 'wrong'))))
    )
    expect(status, stderr).toBe(4)
    expect(stderr).toMatch(/^Error: the Kubernetes API server.*401.*\nHint: /m)
  })
})

describe('the cluster', () => {
  it('is selected by --context', async () => {
    const path = kubeconfig('contexts', config => {
      config.clusters.push({ name: 'dead', cluster: { server: 'https://127.0.0.1:1' } })
      config.contexts.push({ name: 'dead', context: { cluster: 'dead', user: config.users[0]!.name } })
      config['current-context'] = 'dead'
    })
    const refused = await test.azwi(words('--kubeconfig', path))
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(
      /^Error: the Kubernetes API server at https:\/\/127\.0\.0\.1:1 could not be reached.*\nHint: .*kubectl config current-context/m
    )
    const { status, stderr } = await test.azwi(
      words('--kubeconfig', path, '--context', test.sandbox.state.cluster.name)
    )
    expect(status, stderr).toBe(0)
  })

  it('is refused before any request for an unknown --context, with the list of contexts', async () => {
    const { status, stderr } = await test.azwi(words('--context', 'nonsense'))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: --context "nonsense" [^\n]+\nHint: [^\n]*azwi-sandbox[^\n]*\n$/)
    expect(test.sandbox.requests).toEqual([])
  })

  it('is read from --kubeconfig before KUBECONFIG, and a missing file is refused with its name', async () => {
    const good = await test.azwi(words('--kubeconfig', test.environment.KUBECONFIG!), { KUBECONFIG: '/nonexistent' })
    expect(good.status, good.stderr).toBe(0)
    test.sandbox.requests.length = 0
    const { status, stderr } = await test.azwi(words('--kubeconfig', '/nonexistent/kubeconfig'))
    expect(status).toBe(2)
    expect(stderr).toMatch(/^Error: [^\n]*\/nonexistent\/kubeconfig[^\n]*\nHint: [^\n]+\n$/)
    expect(test.sandbox.requests).toEqual([])
  })

  it('is read from several files in KUBECONFIG: context, cluster and user', async () => {
    const empty = (change: (config: KubeconfigFile) => void) => (config: KubeconfigFile) => {
      const all = { ...config }
      Object.assign(config, { clusters: [], users: [], contexts: [], 'current-context': '' })
      change(all)
    }
    const parts = (['clusters', 'users', 'contexts'] as const).map(part =>
      kubeconfig(part, config => {
        empty(all => Object.assign(config, { [part]: all[part] }))(config)
      })
    )
    const { status, stderr } = await test.azwi(words('--context', test.sandbox.state.cluster.name), {
      KUBECONFIG: ['/nonexistent', ...parts].join(delimiter)
    })
    expect(status, stderr).toBe(0)
  })

  it('is read with relative paths of the certificate authority and the token file', async () => {
    const path = kubeconfig('relative', config => {
      Object.assign(config.clusters[0]!.cluster, {
        'certificate-authority-data': undefined,
        'certificate-authority': 'ca.pem'
      })
      config.users[0]!.user = { tokenFile: 'token' }
    })
    writeFileSync(join(path, '..', 'ca.pem'), test.sandbox.caPem)
    writeFileSync(join(path, '..', 'token'), test.sandbox.state.cluster.adminToken)
    const { status, stderr } = await test.azwi(words(), { KUBECONFIG: path })
    expect(status, stderr).toBe(0)
  })

  it('is not found by KUBERNETES_SERVICE_HOST without the token of a pod', async () => {
    const { status, stderr } = await test.azwi(words(), {
      KUBECONFIG: undefined,
      HOME: '/nonexistent',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '1'
    })
    expect(status, stderr).toBe(2)
    expect(stderr).toMatch(/^Error: there is no kubeconfig[^\n]*\nHint: [^\n]*az aks get-credentials/)
    expect(test.sandbox.requests).toEqual([])
  })
})
