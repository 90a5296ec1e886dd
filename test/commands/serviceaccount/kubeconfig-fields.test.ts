import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { useFaultySandbox } from '../../helpers/faulty-sandbox.js'
import { copyKubeconfig, type KubeconfigFile } from '../../helpers/kubeconfig.js'
import { execPluginScript, execUser, installProgram } from '../../helpers/stand-ins.js'

const test = useFaultySandbox()
const kubeconfig = (name: string, change: (config: KubeconfigFile) => void) =>
  copyKubeconfig(test.environment.KUBECONFIG!, join(test.directory, 'kubeconfigs', name), change)
const list = (path: string) => test.run('sa', 'list', '--kubeconfig', path)

/** Starts a server that answers every request with a text, and returns its port. */
async function startServer(status: number, text: string): Promise<number> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

describe('a user of the kubeconfig', () => {
  it('is impersonated with its groups, its UID and its extra fields', async () => {
    const path = kubeconfig('impersonation', config => {
      Object.assign(config.users[0]!.user, {
        as: 'alice',
        'as-groups': ['team-a', 'team-b, and more'],
        'as-uid': '42',
        'as-user-extra': { 'example.com/scopes': ['one', 'two'] }
      })
    })
    const sentHeaders: Record<string, string | undefined>[] = []
    test.fault((request, service, next) => {
      if (service === 'kubernetes') sentHeaders.push(request.headers)
      return next()
    })
    const { status, stderr } = await list(path)
    expect(status, stderr).toBe(0)
    expect(sentHeaders.length).toBeGreaterThan(0)
    for (const headers of sentHeaders) {
      expect(headers).toMatchObject({
        'impersonate-user': 'alice',
        // Node joins the values of a repeated header.
        'impersonate-group': 'team-a, team-b, and more',
        'impersonate-uid': '42',
        'impersonate-extra-example.com%2fscopes': 'one, two'
      })
    }
  })

  it.each([true, false])(
    'gives its exec plugin the cluster only if the plugin asks for it (%s)',
    async provideClusterInfo => {
      const log = join(test.directory, `info-${provideClusterInfo}`)
      const script = `require('node:fs').writeFileSync(${JSON.stringify(log)}, process.env.KUBERNETES_EXEC_INFO ?? '')\n`
      const command = installProgram(
        join(test.directory, 'kubeconfigs', `plugin-${provideClusterInfo}`),
        script + execPluginScript(test.sandbox.state.cluster.adminToken)
      )
      const path = kubeconfig('exec-info', config => {
        config.users[0]!.user = execUser(command, { provideClusterInfo })
        config.clusters[0]!.cluster.extensions = [
          { name: 'client.authentication.k8s.io/exec', extension: { audience: 'one' } }
        ]
      })
      const { status, stderr } = await list(path)
      expect(status, stderr).toBe(0)
      const cluster = {
        server: test.sandbox.state.endpoints.kubernetes,
        'certificate-authority-data': Buffer.from(test.sandbox.caPem).toString('base64'),
        config: { audience: 'one' }
      }
      expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({
        kind: 'ExecCredential',
        apiVersion: 'client.authentication.k8s.io/v1beta1',
        spec: { ...(provideClusterInfo ? { cluster } : {}), interactive: false }
      })
    }
  )
})

describe('the server of the kubeconfig', () => {
  const withServer = (name: string, cluster: Record<string, unknown>) =>
    kubeconfig(name, config => {
      Object.assign(config.clusters[0]!.cluster, cluster)
    })

  it('must not be plain http on another machine, and no request is sent', async () => {
    const { status, stderr } = await list(withServer('http', { server: 'http://cluster.example:8080' }))
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^Error: .*http:\/\/cluster\.example:8080, and azwi sends credentials only over https\nHint: kubectl config set-cluster azwi-sandbox --server=https:\/\/cluster\.example:8080\n$/
    )
    expect(test.sandbox.requests).toEqual([])
  })

  it('may be plain http on this machine, as for kubectl proxy', async () => {
    const port = await startServer(400, 'Client sent an HTTP request to an HTTPS server.\n')
    const { status, stderr } = await list(withServer('proxy', { server: `http://127.0.0.1:${port}` }))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*400.*HTTP request to an HTTPS server.*\nHint: .*must begin with https:\/\//m)
  })

  it('that does not speak TLS is named', async () => {
    const port = await startServer(200, 'hello')
    const { status, stderr } = await list(withServer('no-tls', { server: `https://127.0.0.1:${port}` }))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Hint: the server does not speak TLS/m)
  })

  it('whose certificate has another name is named', async () => {
    const { status, stderr } = await list(withServer('other-name', { 'tls-server-name': 'other.example' }))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*certificate for another name.*other\.example.*\nHint: .*--tls-server-name/m)
  })

  it('with a path that it does not have is named, and is not taken for a cluster without service accounts', async () => {
    const port = await startServer(404, '404 page not found\n')
    const path = withServer('wrong-path', { server: `http://127.0.0.1:${port}/wrong` })
    const { status, stderr } = await test.run('sa', 'get', 'app', '--kubeconfig', path)
    expect(status).toBe(1)
    expect(stderr).toMatch(/^Error: .*404 page not found.*\nHint: .*ends in the path \/wrong/m)
  })
})
