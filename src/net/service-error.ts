import { AzwiError, ExitCode } from '../errors.js'
import { networkErrorCode } from './retry.js'

/** A request that a service answered with an error, or did not answer. Callers decide by `status` and `code`. */
export class ServiceError extends AzwiError {
  override readonly name = 'ServiceError'
  /** The HTTP status, or 0 if there was no response. */
  readonly status: number

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string | undefined,
    cause: unknown,
    isLoginProblem = status === 401 || status === 403
  ) {
    super(code, message, { hint, cause, exitCode: isLoginProblem ? ExitCode.login : ExitCode.failed })
    this.status = status
  }
}

/** The error that a service answered with. */
interface ErrorResponse {
  readonly status: number
  /** The service's own error code. */
  readonly code: string | undefined
  readonly message: string
  /**
   * Whether a rule of the service refuses this object, although the login has the permission. The message then comes first, because the rule's own
   * words say what to do, and a 403 is no login problem.
   */
  readonly isPolicyDenial?: boolean
  /** The hint for this response. It comes before those of the format. */
  readonly hint?: string | undefined
}

/** Describes how one service and its SDK report errors. */
export interface ErrorFormat {
  /** The name of the service in messages, such as "Microsoft Graph". */
  readonly service: string
  /** Returns the service's response, or undefined if the error has none. */
  readonly responseOf: (error: unknown) => ErrorResponse | undefined
  /** Hints by error code, or by HTTP status. 0 is for a request without a response. */
  readonly hints: Readonly<Record<string, string>>
  /** Returns the error that the SDK hides in one of its own, if any. */
  readonly unwrap?: (error: unknown) => unknown
}

/**
 * Converts an error of an SDK to a ServiceError. Returns an AzwiError, or the AzwiError among the causes, as it is. Returns any other
 * error unchanged: it is a bug.
 *
 * @param operation what azwi was about to do, such as "create the application": it completes "refused to …"
 */
export function toServiceError(errorFormat: ErrorFormat, operation: string, thrown: unknown): unknown {
  const { service, hints } = errorFormat
  const error = errorFormat.unwrap?.(thrown) ?? thrown
  const azwiError = azwiErrorAmongCauses(error)
  if (azwiError !== undefined) return azwiError
  const response = errorFormat.responseOf(error)
  if (response !== undefined) {
    const { status, code = `HTTP${status}`, message, isPolicyDenial = false } = response
    const hint = response.hint ?? hints[code] ?? hints[status]
    const refusal = `${service} refused to ${operation}: ${code} (${status})`
    if (isPolicyDenial) return new ServiceError(status, code, `${joinLines(message)} (${refusal})`, hint, error, false)
    return new ServiceError(status, code, `${refusal}: ${joinLines(message)}`, hint, error)
  }
  const certificateCode = certificateErrorCode(error)
  if (certificateCode === wrongNameCode) {
    const text = `${service} shows a certificate for another name, so nothing was sent to ${operation}: ${reasonOf(error)}`
    const hint = hints[wrongNameCode] ?? 'a proxy may answer in its place: check HTTPS_PROXY and NO_PROXY'
    return new ServiceError(0, certificateCode, text, hint, error)
  }
  if (certificateCode !== undefined) {
    return new ServiceError(
      0,
      certificateCode,
      `${service} shows a certificate that is not trusted, so nothing was sent to ${operation}: ${certificateCode}`,
      'trust its authority: export NODE_EXTRA_CA_CERTS=<ca.pem>; for a cluster, certificate-authority in the kubeconfig',
      error
    )
  }
  const networkCode = networkErrorCode(error)
  if (networkCode === undefined) return error
  const message = `${service} could not be reached to ${operation}: ${joinLines((error as Error).message)}`
  return new ServiceError(0, networkCode, message, hints[networkCode] ?? hints[0], error)
}

/** Runs a call of an SDK and throws its errors as `toServiceError` converts them. */
export async function translateErrors<T>(
  errorFormat: ErrorFormat,
  operation: string,
  call: () => Promise<T>
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toServiceError(errorFormat, operation, error)
  }
}

/** Returns the result of a call, or undefined if the service answered 404. */
export async function undefinedIfNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

/** Reports whether an error is a response with one of these HTTP statuses. */
export function isStatus(error: unknown, ...statuses: readonly number[]): error is ServiceError {
  return error instanceof ServiceError && statuses.includes(error.status)
}

/** A failed login arrives as the cause of an SDK error, because the SDK asks for the token during a request. */
function azwiErrorAmongCauses(error: unknown): AzwiError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof AzwiError) return current
  }
  return undefined
}

/** Node's code for a certificate that is trusted, but for other names than that of the server. */
const wrongNameCode = 'ERR_TLS_CERT_ALTNAME_INVALID'

/** Returns the message without the prefix that Node puts before the names. */
const reasonOf = (error: unknown): string => joinLines((error as Error).message)

/** Returns OpenSSL's reason for not trusting a certificate, as Node names it. */
function certificateErrorCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code
    if (code !== undefined && /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_)/.test(code)) return code
  }
  return undefined
}

const joinLines = (text: string): string =>
  text
    .split(/\s*[\r\n]+\s*/)
    .filter(line => line !== '')
    .join(' ')
