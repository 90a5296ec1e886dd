import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sandbox } from '../../sandbox/sandbox.js'

export interface Session {
  readonly sandbox: Sandbox
  /** What a process needs in its environment to use the sandbox: endpoints, trust, kubeconfig and a login. */
  readonly environment: Readonly<Record<string, string>>
}

/** Starts a sandbox, does the work, and ends it and its files again, whatever happens. */
export async function withSandbox<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const { startSandbox } = await import('../../sandbox/sandbox.js')
  const directory = await mkdtemp(join(tmpdir(), 'azwi-sandbox-'))
  try {
    const sandbox = await startSandbox()
    try {
      return await work({ sandbox, environment: await sandbox.environment(directory) })
    } finally {
      await sandbox.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
