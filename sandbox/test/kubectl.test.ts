import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../src/sandbox.js'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
let sandbox: Sandbox
let directory: string
let environment: NodeJS.ProcessEnv
beforeAll(async () => {
  const startedAt = new Date()
  sandbox = await startSandbox({ now: () => startedAt })
  directory = await mkdtemp(join(tmpdir(), 'azwi-kubectl-'))
  environment = { ...process.env, HOME: directory, ...(await sandbox.environment(directory)) }
})
afterAll(async () => {
  await sandbox.close()
  await rm(directory, { recursive: true })
})

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function kubectl(...words: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile('kubectl', words, { env: environment, cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr })
    })
  })
}

async function succeeds(...words: string[]): Promise<string> {
  const outcome = await kubectl(...words)
  expect(outcome, words.join(' ')).toMatchObject({ code: 0 })
  return outcome.stdout
}

describe.skipIf(!hasKubectl)('kubectl', { timeout: 120_000 }, () => {
  it('lists namespaces and service accounts, as tables and as YAML', async () => {
    expect(await succeeds('get', 'ns')).toMatch(/^NAME +STATUS +AGE\ndefault +Active +0s\n/)
    expect(await succeeds('get', 'sa', '-A')).toMatch(/^NAMESPACE +NAME +SECRETS +AGE\ndefault +default +0 +0s\n/)
    expect(await succeeds('get', 'sa', '-A', '-o', 'yaml')).toMatch(/kind: ServiceAccount\n {2}metadata:/)
    expect(await succeeds('version')).toContain('Server Version: v1.32')
  })

  it('creates, annotates, labels, patches and deletes', async () => {
    await succeeds('create', 'ns', 'team')
    await succeeds('create', 'sa', 'app', '-n', 'team')
    await succeeds('annotate', 'sa', 'app', '-n', 'team', 'a.b/c=d')
    await succeeds('label', 'sa', 'app', '-n', 'team', 'x=y')
    await succeeds('patch', 'sa', 'app', '-n', 'team', '--type=merge', '-p', '{"automountServiceAccountToken":false}')
    expect(sandbox.state.cluster.serviceAccounts.get('team/app')).toMatchObject({
      metadata: { annotations: { 'a.b/c': 'd' }, labels: { x: 'y' } },
      automountServiceAccountToken: false
    })
    expect(await succeeds('get', 'sa', '-n', 'team', '-l', 'x=y', '-o', 'name')).toBe('serviceaccount/app\n')
    await succeeds('delete', 'sa', 'app', '-n', 'team')
    const gone = await kubectl('get', 'sa', 'app', '-n', 'team')
    expect(gone).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('serviceaccounts "app" not found') as string
    })
    await succeeds('delete', 'ns', 'team')
  })

  it('applies client-side, then server-side', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'applied', annotations: { a: '1', b: '1' } }
    }
    const write = (object: object) => writeFile(join(directory, 'sa.json'), JSON.stringify(object))
    await write(manifest)
    expect(await succeeds('apply', '-f', 'sa.json')).toContain('created')
    expect(await succeeds('apply', '-f', 'sa.json')).toContain('unchanged')
    await write({ ...manifest, metadata: { name: 'applied', annotations: { a: '2' } } })
    expect(await succeeds('apply', '-f', 'sa.json')).toContain('configured')
    expect(sandbox.state.cluster.serviceAccounts.get('default/applied')?.metadata.annotations).toMatchObject({ a: '2' })
    expect(sandbox.state.cluster.serviceAccounts.get('default/applied')?.metadata.annotations).not.toHaveProperty('b')
    expect(await succeeds('apply', '--server-side', '-f', 'sa.json')).toContain('serverside-applied')
    await succeeds('annotate', 'sa', 'applied', 'a=3', '--overwrite')
    expect(await kubectl('apply', '--server-side', '-f', 'sa.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('conflict with "kubectl-annotate" using v1: .metadata.annotations.a') as string
    })
    await succeeds('apply', '--server-side', '--force-conflicts', '-f', 'sa.json')
    expect(sandbox.state.cluster.serviceAccounts.get('default/applied')?.metadata.annotations).toMatchObject({ a: '2' })
    expect(await succeeds('diff', '-f', 'sa.json')).toBe('')
  })

  it('reads the issuer, and creates tokens', async () => {
    const document = JSON.parse(await succeeds('get', '--raw', '/.well-known/openid-configuration')) as {
      issuer: string
    }
    expect(document.issuer).toBe(sandbox.state.cluster.issuer)
    const token = await succeeds(
      'create',
      'token',
      'default',
      '--audience',
      'api://AzureADTokenExchange',
      '--duration',
      '10m'
    )
    expect(decodeJwt(token.trim())).toMatchObject({
      sub: 'system:serviceaccount:default:default',
      aud: ['api://AzureADTokenExchange']
    })
    expect(await kubectl('create', 'token', 'default', '--duration', '1m')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('10 minutes') as string
    })
  })

  it('patches, restarts, scales and deletes workloads, and asks for permissions', async () => {
    const container = { name: 'main', image: 'nginx' }
    const spec = {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } }
    }
    await writeFile(
      join(directory, 'web.json'),
      JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec })
    )
    await succeeds('apply', '-f', 'web.json')
    const podNames = () => succeeds('get', 'pods', '-l', 'app=web', '-o', 'name')
    const first = await podNames()
    await succeeds(
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"template":{"metadata":{"labels":{"azure.workload.identity/use":"true"}}}}}'
    )
    expect(await succeeds('get', 'pods', '-l', 'azure.workload.identity/use=true', '-o', 'yaml')).toContain(
      'AZURE_FEDERATED_TOKEN_FILE'
    )
    await succeeds('rollout', 'restart', 'deployment', 'web')
    await succeeds('rollout', 'status', 'deployment', 'web', '--timeout=60s')
    expect(await podNames()).not.toBe(first)
    await succeeds('scale', 'deployment', 'web', '--replicas=3')
    expect((await podNames()).trim().split('\n')).toHaveLength(3)
    expect(await succeeds('get', 'all')).toMatch(/deployment\.apps\/web +3\/3 +3 +3/)
    await succeeds('delete', 'deployment', 'web')
    expect(await podNames()).toBe('')
    sandbox.state.cluster.denied.add('list pods')
    expect((await kubectl('auth', 'can-i', 'list', 'pods')).stdout).toBe('no\n')
    expect((await kubectl('get', 'pods')).stderr).toContain(
      'cannot list resource "pods" in API group "" in the namespace "default"'
    )
    sandbox.state.cluster.denied.clear()
  })

  it('gets errors that it can show', async () => {
    expect((await kubectl('create', 'sa', 'Bad_Name')).stderr).toContain('lowercase RFC 1123 subdomain')
    expect((await kubectl('create', 'sa', 'x', '-n', 'missing')).stderr).toContain('namespaces "missing" not found')
    expect((await kubectl('get', 'secrets')).stderr).toContain('doesn\'t have a resource type "secrets"')
    expect((await kubectl('--token', 'wrong', 'get', 'sa')).stderr).toMatch(/Unauthorized|must be logged in/)
  })
})
