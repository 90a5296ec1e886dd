import { describe, expect, it } from 'vitest'
import { AzwiError } from '../../src/errors.js'
import {
  type ErrorFormat,
  isStatus,
  ServiceError,
  toServiceError,
  translateErrors,
  undefinedIfNotFound
} from '../../src/net/service-error.js'

/** The error of an imaginary SDK. */
class SdkError extends Error {
  constructor(
    readonly status: number,
    readonly serviceCode: string | undefined,
    message = 'No.'
  ) {
    super(message)
  }
}
const format: ErrorFormat = {
  service: 'the service',
  responseOf: error =>
    error instanceof SdkError ? { status: error.status, code: error.serviceCode, message: error.message } : undefined,
  hints: { Quota: 'by code', 409: 'by status', 0: 'check the network' }
}
const translated = (error: unknown, more: Partial<ErrorFormat> = {}) =>
  toServiceError({ ...format, ...more }, 'create the application', error) as ServiceError
const withCode = (code: string, message = 'failed'): Error => Object.assign(new Error(message), { code })

describe('an answer that is an error', () => {
  it('names the service, the operation, the code and the status', () => {
    const cause = new SdkError(400, 'BadName', 'The name\r\n  is bad. \n\nTry another.')
    const error = translated(cause)
    expect(error).toBeInstanceOf(ServiceError)
    expect(error).toMatchObject({ status: 400, code: 'BadName', hint: undefined, exitCode: 1, cause })
    expect(error.message).toBe(
      'the service refused to create the application: BadName (400): The name is bad. Try another.'
    )
  })

  it('has the status as its code if the service gives none', () => {
    expect(translated(new SdkError(418, undefined))).toMatchObject({ code: 'HTTP418' })
  })

  it.each([
    [409, 'Quota', 'by code'],
    [409, 'Other', 'by status'],
    [400, 'Other', undefined]
  ])('%i %s has the hint: %s', (status, code, hint) => {
    expect(translated(new SdkError(status, code)).hint).toBe(hint)
  })

  it('that a rule of the service causes begins with its words, and is no login problem', () => {
    const error = translated(new SdkError(403, 'Forbidden', 'The quota is used up.'), {
      responseOf: () => ({
        status: 403,
        code: 'Forbidden',
        message: 'The quota\nis used up.',
        isPolicyDenial: true,
        hint: 'ask'
      })
    })
    expect(error).toMatchObject({ status: 403, exitCode: 1, hint: 'ask' })
    expect(error.message).toBe('The quota is used up. (the service refused to create the application: Forbidden (403))')
  })

  it.each([
    [401, 4],
    [403, 4],
    [400, 1],
    [404, 1],
    [500, 1]
  ])('%i has the exit code %i', (status, exitCode) => {
    expect(translated(new SdkError(status, 'Code')).exitCode).toBe(exitCode)
  })
})

describe('a request without an answer', () => {
  it('names the failure, with the hint for no answer', () => {
    const error = translated(new Error('outer', { cause: withCode('ECONNRESET') }))
    expect(error).toMatchObject({
      status: 0,
      code: 'ECONNRESET',
      hint: 'check the network',
      message: 'the service could not be reached to create the application: outer'
    })
  })

  it.each([
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'CERT_HAS_EXPIRED'
  ])('because of %s says that the certificate is not trusted', code => {
    const error = translated(new Error('outer', { cause: withCode(code) }))
    expect(error).toMatchObject({ status: 0, code })
    expect(error.message).toContain(
      `shows a certificate that is not trusted, so nothing was sent to create the application: ${code}`
    )
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('because of the name in the certificate says so, and not that an authority must be trusted', () => {
    const error = translated(withCode('ERR_TLS_CERT_ALTNAME_INVALID', "other is not in the cert's altnames"))
    expect(error).toMatchObject({ status: 0, code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(error.message).toBe(
      "the service shows a certificate for another name, so nothing was sent to create the application: other is not in the cert's altnames"
    )
    expect(error.hint).not.toContain('NODE_EXTRA_CA_CERTS')
  })

  it('has the hint for its code before the hint for no answer', () => {
    expect(translated(withCode('EPROTO'), { hints: { 0: 'network', EPROTO: 'TLS' } }).hint).toBe('TLS')
  })

  it('is a network failure if the code only contains the name of a certificate failure', () => {
    expect(translated(withCode('E_CERT_'))).toMatchObject({ code: 'E_CERT_', hint: 'check the network' })
  })
})

describe('any other error', () => {
  it.each([new TypeError('bug'), withCode('not a code'), 'text', undefined])(
    '%s is a bug, and stays as it is',
    error => {
      expect(translated(error)).toBe(error)
    }
  )

  it('that azwi has thrown is returned as it is, from among the causes too', () => {
    const error = new AzwiError('Login', 'no login')
    expect(translated(error)).toBe(error)
    expect(translated(new Error('outer', { cause: new Error('middle', { cause: error }) }))).toBe(error)
    const hidden = Object.assign(new SdkError(500, 'Code'), { cause: error })
    expect(translated(hidden)).toBe(error)
  })

  it('that the SDK hides is unwrapped', () => {
    const hidden = new SdkError(404, 'NotFound')
    expect(translated(new Error('useless'), { unwrap: () => hidden })).toMatchObject({ code: 'NotFound' })
    expect(translated(hidden, { unwrap: () => undefined })).toMatchObject({ code: 'NotFound' })
  })
})

describe('the helpers', () => {
  const notFound = translated(new SdkError(404, 'NotFound'))
  const forbidden = translated(new SdkError(403, 'Forbidden'))

  it('translate the error of a call, and return its result', async () => {
    expect(await translateErrors(format, 'read', () => Promise.resolve(1))).toBe(1)
    await expect(translateErrors(format, 'read', () => Promise.reject(new SdkError(400, 'Bad')))).rejects.toThrow(
      'the service refused to read: Bad (400): No.'
    )
  })

  it('turn a 404 into undefined, and no other error', async () => {
    expect(await undefinedIfNotFound(Promise.resolve(1))).toBe(1)
    await expect(undefinedIfNotFound(Promise.reject(notFound))).resolves.toBeUndefined()
    await expect(undefinedIfNotFound(Promise.reject(forbidden))).rejects.toBe(forbidden)
  })

  it('recognize the status of an answer', () => {
    expect(isStatus(notFound, 404)).toBe(true)
    expect(isStatus(notFound, 403, 404)).toBe(true)
    expect(isStatus(notFound, 403)).toBe(false)
    expect(isStatus(notFound)).toBe(false)
    expect(isStatus(Object.assign(new Error('other'), { status: 404 }), 404)).toBe(false)
  })
})
