import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '../../output/io.js'
import type { LoggedRequest, Sandbox } from '../../sandbox/sandbox.js'
import { readSandboxFlags, type SandboxFlags } from './options.js'

export interface Session {
  readonly sandbox: Sandbox
  /** What a process needs in its environment to use the sandbox: endpoints, trust, kubeconfig and a login. */
  readonly environment: Readonly<Record<string, string>>
  /** Variables that it must not inherit. */
  readonly unwanted: readonly string[]
}

/** By these a client would look for another cloud than the one that is played under its real names. */
const otherClouds = ['ARM_CLOUD_METADATA_URL', 'ARM_METADATA_HOSTNAME']

/** Starts a sandbox, does the work, and ends it and its files again, whatever happens. Bad flags are refused before anything starts. */
export async function withSandbox<T>(io: Io, flags: SandboxFlags, work: (session: Session) => Promise<T>): Promise<T> {
  const { startSandbox } = await import('../../sandbox/sandbox.js')
  const options = await readSandboxFlags(flags)
  const directory = await mkdtemp(join(tmpdir(), 'azwi-sandbox-'))
  try {
    const sandbox = await startSandbox(options)
    try {
      const environment = await sandbox.environment(directory, io.host.environment)
      return await work({ sandbox, environment, unwanted: options.cloud === undefined ? [] : otherClouds })
    } finally {
      await sandbox.close()
      if (flags.requestLog !== undefined) await writeFile(flags.requestLog, sandbox.requests.map(line).join(''))
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function line(request: LoggedRequest): string {
  return `${JSON.stringify(request)}\n`
}
