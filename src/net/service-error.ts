import { AzwiError, ExitCode } from '../errors.js'
import { networkErrorCode } from './retry.js'

/** An answer from a service that is not a success: the status and the service's own code, for whoever reacts to it. */
export class ServiceError extends AzwiError {
  override readonly name = 'ServiceError'
  /** The HTTP status, or 0 where there was no answer. */
  readonly status: number

  constructor(status: number, code: string, message: string, hint: string | undefined, cause: unknown) {
    super(code, message, { hint, cause, exitCode: status === 401 || status === 403 ? ExitCode.login : ExitCode.failed })
    this.status = status
  }
}

export interface Refusal {
  readonly status: number
  readonly code: string | undefined
  readonly message: string
}

/** How one service's SDK speaks of failure, and what its users may be missing. */
export interface ErrorFormat {
  /** "Microsoft Graph", "Azure Resource Manager", "the Kubernetes API server". */
  readonly service: string
  /** What the service answered, or undefined where the error is no answer. */
  readonly refusal: (error: unknown) => Refusal | undefined
  /** By the service's own code, or by status; 0 where there was no answer. */
  readonly hints: Readonly<Record<string, string>>
  /** What really happened, where the SDK hides it behind an error of its own. */
  readonly unwrap?: (error: unknown) => unknown
}

/** Turns whatever an SDK threw into an error for a person. Errors that are already ours pass as they are. */
export function asServiceError(errorFormat: ErrorFormat, doing: string, thrown: unknown): unknown {
  const error = errorFormat.unwrap?.(thrown) ?? thrown
  const own = innerAzwiError(error)
  if (own !== undefined) return own
  const refusal = errorFormat.refusal(error)
  if (refusal !== undefined) {
    const { status, code = `HTTP${status}`, message } = refusal
    const text = `${errorFormat.service} refused to ${doing}: ${code} (${status}): ${oneLine(message)}`
    return new ServiceError(status, code, text, errorFormat.hints[code] ?? errorFormat.hints[status], error)
  }
  const distrust = distrustCode(error)
  if (distrust !== undefined) {
    const message = `${errorFormat.service} shows a certificate that is not trusted, so nothing was sent to ${doing}: ${distrust}`
    return new ServiceError(
      0,
      distrust,
      message,
      'trust its authority: export NODE_EXTRA_CA_CERTS=<ca.pem>; for a cluster, certificate-authority in the kubeconfig',
      error
    )
  }
  const network = networkErrorCode(error)
  if (network === undefined) return error
  const message = `${errorFormat.service} could not be reached to ${doing}: ${oneLine((error as Error).message)}`
  return new ServiceError(0, network, message, errorFormat.hints[0], error)
}

/** Runs a call of an SDK and has its failure said in our words; `doing` completes "refused to …". */
export async function translateErrors<T>(errorFormat: ErrorFormat, doing: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw asServiceError(errorFormat, doing, error)
  }
}

/** The same, where 404 is an answer: nothing there. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

export function isStatus(error: unknown, ...statuses: readonly number[]): error is ServiceError {
  return error instanceof ServiceError && statuses.includes(error.status)
}

/** A failed login comes wrapped in what the SDK was doing at that moment. */
function innerAzwiError(error: unknown): AzwiError | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof AzwiError) return current
  }
  return undefined
}

/** OpenSSL's reasons for not trusting a certificate, as Node names them. */
function distrustCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = (current as NodeJS.ErrnoException).code
    if (code !== undefined && /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|ERR_TLS_)/.test(code)) return code
  }
  return undefined
}

const oneLine = (text: string): string =>
  text
    .split(/\s*[\r\n]+\s*/)
    .filter(line => line !== '')
    .join(' ')
