import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * Keeps what every command line loads in one file. Left alone, esbuild makes a chunk for each set of verbs that share some module, so that even
 * `azwi version` opens nine files, at one to two milliseconds each. Here every module that is loaded lazily says that it comes after the entry
 * point; then all that the entry point needs has the same set of readers, and becomes a single chunk.
 */
export function startUpChunk(entryPoint: string): Plugin {
  const entry = resolve(entryPoint)
  return {
    name: 'start-up-chunk',
    setup(build) {
      const lazy = new Set<string>()
      build.onResolve({ filter: /^\./ }, async ({ path, kind, pluginData, ...from }) => {
        if (kind !== 'dynamic-import' || pluginData === build) return undefined
        const found = await build.resolve(path, { ...from, kind, pluginData: build })
        lazy.add(found.path)
        return found
      })
      build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) =>
        lazy.has(path) ? { contents: `import ${JSON.stringify(entry)}\n${await readFile(path, 'utf8')}`, loader: 'ts' } : undefined)
    }
  }
}
