import { describe, expect, it } from 'vitest'
import { kubernetesErrorFormat, KubernetesErrorResponse } from '../../src/clients/kubernetes/error-format.js'
import { ServiceError, toServiceError } from '../../src/net/service-error.js'

const server = 'https://cluster.example:6443'
const path = '/api/v1/namespaces/shop/serviceaccounts/app'

function errorFor(thrown: unknown, at = server): ServiceError {
  const error = toServiceError(kubernetesErrorFormat(at), 'apply the service account shop/app', thrown)
  if (error instanceof ServiceError) return error
  throw new Error('This is no ServiceError.', { cause: error })
}
const answered = (status: number, message: string, more: object = {}, at = server): ServiceError =>
  errorFor(
    new KubernetesErrorResponse(
      status,
      JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code: status, ...more }),
      path
    ),
    at
  )

describe('a denial by a rule of the cluster', () => {
  it.each([
    [
      'a quota',
      403,
      'serviceaccounts "app" is forbidden: exceeded quota: few, requested: count/serviceaccounts=1, used: count/serviceaccounts=3, limited: count/serviceaccounts=3',
      'kubectl describe quota --namespace shop'
    ],
    [
      'a namespace that is being deleted',
      403,
      'serviceaccounts "app" is forbidden: unable to create new content in namespace shop because it is being terminated',
      'kubectl get namespace shop'
    ],
    [
      'an admission policy',
      422,
      "serviceaccounts \"app\" is forbidden: ValidatingAdmissionPolicy 'names' with binding 'all' denied request: no such team",
      'a policy of the cluster'
    ],
    ['an admission webhook', 403, 'admission webhook "validate.example" denied the request: no such team', 'a policy'],
    ['an admission webhook', 400, 'admission webhook "validate.example" denied the request: no such team', 'a policy'],
    ['an admission plugin', 403, 'serviceaccounts "app" is forbidden: no such team', 'a policy of the cluster']
  ])('such as %s (%i) begins with its own words, and is no login problem', (_rule, status, message, hint) => {
    const error = answered(status, message, { reason: 'Forbidden' })
    expect(error).toMatchObject({ status, code: 'Forbidden', exitCode: 1 })
    expect(error.message).toBe(
      `${message} (the Kubernetes API server at ${server} refused to apply the service account shop/app: Forbidden (${status}))`
    )
    expect(error.hint).toContain(hint)
    expect(error.hint).not.toContain('can-i')
  })
})

describe('a missing permission', () => {
  const forbidden = (user: string, action: string): ServiceError =>
    answered(403, `serviceaccounts "app" is forbidden: User "${user}" cannot ${action}`, { reason: 'Forbidden' })

  it('is a login problem', () => {
    const error = forbidden('alice', 'patch resource "serviceaccounts" in API group "" in the namespace "shop"')
    expect(error).toMatchObject({ exitCode: 4, hint: 'see what you may do: kubectl auth can-i --list' })
    expect(error.message).toMatch(/^the Kubernetes API server at .* refused to apply the service account shop\/app: /)
  })

  it('of an anonymous request says that it had no credentials', () => {
    const error = forbidden(
      'system:anonymous',
      'get resource "serviceaccounts" in API group "" in the namespace "shop"'
    )
    expect(error).toMatchObject({ exitCode: 4, hint: expect.stringContaining('no credentials') as string })
  })

  it('for a path says that the server has a path', () => {
    const at = `${server}/clusters/one`
    const message = 'forbidden: User "alice" cannot get path "/clusters/one/api/v1/namespaces/shop"'
    expect(answered(403, message, {}, at)).toMatchObject({
      exitCode: 4,
      hint: expect.stringContaining('/clusters/one') as string
    })
  })
})

describe('the address of another server', () => {
  it('is named if it has a path that the API server does not know', () => {
    const error = errorFor(new KubernetesErrorResponse(404, '404 page not found\n', path), `${server}/wrong`)
    expect(error).toMatchObject({ code: 'UnknownPath', exitCode: 1 })
    expect(error.message).toContain('UnknownPath (404): 404 page not found')
    expect(error.hint).toMatch(/ends in the path \/wrong.*kubectl config view --minify/)
  })

  it('is suspected if it does not know the resource', () => {
    const details = { reason: 'NotFound', details: {} }
    expect(answered(404, 'the server could not find the requested resource', details)).toMatchObject({
      code: 'UnknownPath',
      hint: expect.stringContaining('is this the API server?') as string
    })
  })

  it('is not suspected if it knows the object that does not exist', () => {
    const details = { reason: 'NotFound', details: { name: 'app', kind: 'serviceaccounts' } }
    expect(answered(404, 'serviceaccounts "app" not found', details)).toMatchObject({
      code: 'NotFound',
      hint: 'is the namespace there? kubectl get namespaces'
    })
  })

  it('begins with https:// if the port speaks TLS', () => {
    const body = 'Client sent an HTTP request to an HTTPS server.\n'
    expect(errorFor(new KubernetesErrorResponse(400, body, path), 'http://cluster.example:6443').hint).toMatch(
      /must begin with https:\/\//
    )
  })

  it('is the port of another service if it does not speak TLS', () => {
    const cause = Object.assign(new Error('wrong version number'), { code: 'EPROTO' })
    expect(errorFor(new Error('failed', { cause })).hint).toMatch(/does not speak TLS.*kubectl config view --minify/)
  })

  it('has another name than the certificate', () => {
    const text = "Hostname/IP does not match certificate's altnames: IP: 10.0.0.1 is not in the cert's list: 10.0.0.2"
    const error = errorFor(Object.assign(new Error(text), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }))
    expect(error.message).toBe(
      `the Kubernetes API server at ${server} shows a certificate for another name, so nothing was sent to apply the service account shop/app: ${text}`
    )
    expect(error.hint).toContain('--tls-server-name')
    expect(error.hint).not.toContain('NODE_EXTRA_CA_CERTS')
  })
})

it('a page of a proxy is not printed', () => {
  const error = errorFor(new KubernetesErrorResponse(502, '<html><body>Bad Gateway</body></html>', path))
  expect(error.message).toContain('HTTP502 (502): HTTP 502')
})
