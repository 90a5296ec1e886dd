import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { isBuildFresh } from '../scripts/build-stamp.js'
import { withProcessLock } from './helpers/process-lock.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Makes sure that dist/ is built from the current sources, also before each rerun of a watch. */
export default async function setup(project: TestProject): Promise<void> {
  project.onTestsRerun(buildIfStale)
  await buildIfStale()
}

/** Builds dist/ unless it is fresh. Several test runs may start at once: one of them builds, and the others wait for it. */
export async function buildIfStale(): Promise<void> {
  if (await isBuildFresh(root)) return
  await withProcessLock(join(root, 'node_modules/.azwi-build.lock'), async () => {
    if (!(await isBuildFresh(root))) await build()
  })
}

async function build(): Promise<void> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli')
  const child = spawn(process.execPath, [tsx, 'scripts/build.ts'], { cwd: root, stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error('dist/ is stale, and cannot be built: see above')
}
