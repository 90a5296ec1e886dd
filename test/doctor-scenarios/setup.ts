import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.js'
import { azwi } from '../helpers/azwi.js'
import { runFix } from '../helpers/fixes/run-fix.js'
import { snapshotState } from '../helpers/state-reset.js'
import { serviceAccountIn } from '../helpers/state.js'
import { account, createHealthySetup, type IdentityKind, identityOf, namespace } from './healthy.js'
import type { ScenarioSetup } from './scenario.js'

const kinds: readonly IdentityKind[] = ['application', 'managed identity']

/**
 * Starts one sandbox for the file and creates a healthy setup with each kind of identity. Returns a function that resets the sandbox to the setup of
 * one kind.
 */
export function useHealthySetups(): (kind: IdentityKind) => ScenarioSetup {
  const current: {
    sandbox?: Sandbox
    directory?: string
    environment?: Record<string, string>
    reset: Partial<Record<IdentityKind, () => void>>
  } = { reset: {} }
  const ground = {
    get sandbox() {
      return current.sandbox!
    },
    get directory() {
      return current.directory!
    },
    run: (...words: readonly string[]) => azwi(current.environment!, words)
  }
  beforeAll(async () => {
    current.directory = await mkdtemp(join(tmpdir(), 'azwi-doctor-'))
    current.sandbox = await startSandbox()
    current.environment = await current.sandbox.environment(current.directory)
    const resetToEmpty = snapshotState(current.sandbox.state)
    for (const kind of kinds) {
      resetToEmpty()
      await createHealthySetup(ground, kind)
      current.reset[kind] = snapshotState(current.sandbox.state)
    }
  })
  afterAll(async () => {
    await current.sandbox?.close()
    if (current.directory !== undefined) await rm(current.directory, { recursive: true, force: true })
  })
  return kind => {
    current.reset[kind]!()
    const { state } = ground.sandbox
    const identity = identityOf(state, kind)
    const patchDeployment = (patch: object) =>
      runFix(
        ground,
        `kubectl patch deployment ${account} --namespace ${namespace} --type merge --patch '${JSON.stringify(patch)}'`
      )
    return {
      ...ground,
      sandbox: ground.sandbox,
      directory: ground.directory,
      state,
      kind,
      identity,
      patchDeployment,
      credential: identity.federatedIdentityCredentials[0]!,
      account: serviceAccountIn(state, account, namespace)!,
      runLine: text => runFix(ground, text),
      restartPods: () =>
        patchDeployment({
          spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': state.uuid() } } } }
        })
    }
  }
}
