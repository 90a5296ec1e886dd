import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

type Part = Record<string, unknown>

export interface KubeconfigFile {
  clusters: { name: string; cluster: Part }[]
  users: { name: string; user: Part }[]
  contexts: { name: string; context: Part }[]
  'current-context': string
}

/**
 * Writes a changed copy of a kubeconfig to another path, and returns that path. The kubeconfig has to be JSON, as the
 * sandbox's is.
 */
export function copyKubeconfig(from: string, to: string, change: (config: KubeconfigFile) => void): string {
  const config = JSON.parse(readFileSync(from, 'utf8')) as KubeconfigFile
  change(config)
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, JSON.stringify(config))
  return to
}
