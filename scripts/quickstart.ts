import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { decodeJwt } from 'jose'

/**
 * Shows in a minute all that azwi does, in the sandbox and with the real binary. `npm run quickstart` starts the
 * sandbox and runs this file in it. `npm run quickstart -- --managed-identity` uses a managed identity instead of an
 * application.
 */

const binary = join(import.meta.dirname, '..', 'bin', 'azwi.js')
const directory = mkdtempSync(join(tmpdir(), 'azwi-quickstart-'))
const account = { namespace: 'default', name: 'quick-start' }
const managed = process.argv.includes('--managed-identity')
const identify = [
  '--service-account-name',
  account.name,
  '--service-account-namespace',
  account.namespace,
  ...(managed ? ['--managed-identity-name', 'quick-start', '--managed-identity-resource-group', 'azwi-sandbox'] : [])
]
const tenantId = environment('AZURE_TENANT_ID')
const role = ['--azure-role', 'Storage Blob Data Reader', '--azure-scope', 'rg:azwi-sandbox']

try {
  heading('1. The key set of a cluster, from its public key')
  const publicKey = join(directory, 'sa.pub')
  writeFileSync(
    publicKey,
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
  )
  const keySet = azwi('jwks', '--public-keys', publicKey)
  const keys = (JSON.parse(keySet) as { keys: { kid: string; alg: string }[] }).keys
  say(`   one ${keys[0]?.alg ?? 'no'} key, kid ${keys[0]?.kid ?? ''}`)

  heading('2. Connect a service account to an identity that may read blobs')
  azwi('serviceaccount', 'create', ...identify, ...role)

  heading("3. What a pod does: exchange the service account's token for an access token")
  const kubeconfig = new KubeConfig()
  kubeconfig.loadFromDefault()
  const core = kubeconfig.makeApiClient(CoreV1Api)
  const { metadata } = await core.readNamespacedServiceAccount(account)
  const clientId = metadata?.annotations?.['azure.workload.identity/client-id'] ?? ''
  const { status } = await core.createNamespacedServiceAccountToken({
    ...account,
    body: { spec: { audiences: ['api://AzureADTokenExchange'], expirationSeconds: 3600 } }
  })
  const { sub } = decodeJwt(status?.token ?? '')
  const answer = await fetch(
    `${environment('AZURE_AUTHORITY_HOST').replace(/\/$/, '')}/${tenantId}/oauth2/v2.0/token`,
    {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        scope: 'https://management.azure.com/.default',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: status?.token ?? ''
      })
    }
  )
  const { access_token: accessToken, error_description: refusal } = (await answer.json()) as {
    access_token?: string
    error_description?: string
  }
  if (accessToken === undefined) throw new Error(`the exchange was refused: ${refusal ?? answer.status}`)
  const { aud, appid } = decodeJwt<{ appid: string }>(accessToken)
  say(`   ${sub ?? ''}\n   is now ${appid} for ${String(aud)}`)

  heading('4. The same command again changes nothing')
  azwi('serviceaccount', 'create', ...identify, ...role)

  heading('5. Delete everything again')
  azwi('serviceaccount', 'delete', ...identify)

  heading('Done')
  const identity = managed ? 'a managed identity' : 'an application, a service principal'
  say(`   Created a key set; created ${identity}, a service account, a credential and a role assignment,`)
  say(
    '   used them without a secret, found them unchanged in a second run, and deleted them. Nothing has left this machine.'
  )
} finally {
  rmSync(directory, { recursive: true, force: true })
}

function azwi(...words: readonly string[]): string {
  say(`   $ azwi ${words.map(word => (/[\s]/.test(word) ? `"${word}"` : word)).join(' ')}`)
  const { status, stdout } = spawnSync(process.execPath, [binary, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit']
  })
  if (status !== 0) throw new Error(`azwi ended with exit code ${status ?? 'none'}`)
  return stdout
}

function environment(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run this with npm run quickstart`)
  return value
}

function heading(text: string): void {
  say(`\n${text}`)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
