import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask, askToken, operatorForm, type Question } from '../../../sandbox/test/client.js'
import type { Form, Ground } from './form.js'

const resources = { graph: 'https://graph.microsoft.com', arm: 'https://management.azure.com' } as const

/** Sends a request with a token of the operator, who has every permission. */
async function send(
  { sandbox }: Ground,
  resource: string,
  url: string,
  { method = 'GET', body, headers }: Question = {}
): Promise<string> {
  const { json } = await askToken(sandbox, { ...operatorForm(sandbox), scope: `${resource}/.default` })
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const { status, text } = await ask(sandbox, url, {
    method,
    headers: { authorization: `Bearer ${json.access_token as string}`, ...type, ...headers },
    ...(body === undefined ? {} : { body })
  })
  if (status < 300) return text
  throw new Error(`${method} ${url}: ${status} ${text}`)
}

const graph = (ground: Ground, path: string, question?: Question): Promise<string> =>
  send(ground, resources.graph, `${ground.sandbox.state.endpoints.graph}/v1.0${path}`, question)

const arm = (ground: Ground, id: string, version: string, question?: Question): Promise<string> =>
  send(ground, resources.arm, `${ground.sandbox.state.endpoints.arm}${id}?api-version=${version}`, question)

/** Returns the path of an application by its client ID, which az tries first. */
async function applicationOf(ground: Ground, clientId = ''): Promise<string> {
  const { value } = JSON.parse(
    await graph(ground, `/applications?$filter=${encodeURIComponent(`appId eq '${clientId}'`)}`)
  ) as { value: { id: string }[] }
  const [application] = value
  if (application === undefined) throw new Error(`az finds no application ${clientId}`)
  return `/applications/${application.id}`
}

async function credentialOf(ground: Ground, clientId = '', name = ''): Promise<string> {
  return `${await applicationOf(ground, clientId)}/federatedIdentityCredentials/${encodeURIComponent(name)}`
}

const identityCredential = ({
  subscription = '',
  group = '',
  identity = '',
  name = ''
}: Readonly<Record<string, string>>): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${identity}/federatedIdentityCredentials/${name}`

/** Returns the resource for which `az rest` requests a token. It knows only these services. */
function resourceOf({ sandbox }: Ground, url: string): string {
  const { graph: graphUrl, arm: armUrl } = sandbox.state.endpoints
  if (url.startsWith(`${graphUrl}/`)) return resources.graph
  if (url.startsWith(`${armUrl}/`)) return resources.arm
  throw new Error(`az cannot derive the resource of the token from ${url}: --resource is missing`)
}

/** The requests of az, from the recordings of azure-cli's own tests. For AKS and `az rest`, from its source. */
export const azForms: readonly Form[] = [
  {
    pattern: 'az ad sp create --id {id}',
    run: async ({ id = '' }, ground) => {
      await applicationOf(ground, id)
      return graph(ground, '/servicePrincipals', { method: 'POST', body: { appId: id, accountEnabled: true } })
    }
  },
  {
    pattern: 'az ad sp update --id {id} --set accountEnabled=true',
    run: async ({ id = '' }, ground) => {
      const { value } = JSON.parse(
        await graph(
          ground,
          `/servicePrincipals?$filter=${encodeURIComponent(`servicePrincipalNames/any(c:c eq '${id}')`)}`
        )
      ) as { value: { id: string }[] }
      return graph(ground, `/servicePrincipals/${value[0]?.id ?? id}`, {
        method: 'PATCH',
        body: { accountEnabled: true }
      })
    }
  },
  {
    pattern: 'az ad app federated-credential update --id {id} --federated-credential-id {name} --parameters {body}',
    run: async ({ id, name, body = '' }, ground) =>
      graph(ground, await credentialOf(ground, id, name), { method: 'PATCH', body })
  },
  {
    pattern: 'az ad app federated-credential delete --id {id} --federated-credential-id {name}',
    run: async ({ id, name }, ground) => graph(ground, await credentialOf(ground, id, name), { method: 'DELETE' })
  },
  {
    pattern:
      'az identity federated-credential update --name {name} --identity-name {identity} --resource-group {group} --subscription {subscription} --issuer {issuer} --subject {subject} --audiences {audience}',
    run: (values, ground) => {
      const { issuer, subject, audience } = values
      return arm(ground, identityCredential(values), '2023-01-31', {
        method: 'PUT',
        body: { properties: { issuer, subject, audiences: [audience] } }
      })
    }
  },
  {
    pattern:
      'az identity federated-credential delete --name {name} --identity-name {identity} --resource-group {group} --subscription {subscription} --yes',
    run: (values, ground) => arm(ground, identityCredential(values), '2023-01-31', { method: 'DELETE' })
  },
  {
    pattern: 'az aks update --name {name} --resource-group {group} --enable-oidc-issuer --enable-workload-identity',
    run: async ({ name = '', group = '' }, ground) => {
      const id = `/subscriptions/${ground.sandbox.state.subscriptionId}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`
      const cluster = JSON.parse(await arm(ground, id, '2024-10-01')) as { properties: { securityProfile?: object } }
      const securityProfile = { ...cluster.properties.securityProfile, workloadIdentity: { enabled: true } }
      const properties = { ...cluster.properties, oidcIssuerProfile: { enabled: true }, securityProfile }
      return arm(ground, id, '2024-10-01', { method: 'PUT', body: { ...cluster, properties } })
    }
  },
  {
    pattern: 'az rest --method post --url {url}',
    run: ({ url = '' }, ground) => send(ground, resourceOf(ground, url), url, { method: 'POST' })
  },
  {
    pattern:
      'az rest --method put --url {url} --headers x-ms-blob-type={blobType} x-ms-version={version} Content-Type={type} --resource {resource} --body @{file}',
    run: async ({ url = '', blobType = '', version = '', type = '', resource = '', file = '' }, ground) =>
      send(ground, resource, url, {
        method: 'PUT',
        body: await readFile(join(ground.directory, file), 'utf8'),
        headers: { 'x-ms-blob-type': blobType, 'x-ms-version': version, 'content-type': type }
      })
  }
]
