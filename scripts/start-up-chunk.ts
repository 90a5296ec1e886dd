import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import type { Loader, Plugin } from 'esbuild'

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
      build.onResolve({ filter: /./ }, async ({ path, kind, pluginData, namespace, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || pluginData === build) return undefined
        const found = await build.resolve(path, { kind, namespace, importer, resolveDir, pluginData: build })
        if (!found.external && found.errors.length === 0) lazy.add(found.path)
        return found
      })
      build.onLoad({ filter: /\.(ts|js|mjs)$/, namespace: 'file' }, async ({ path }) => {
        if (!lazy.has(path)) return undefined
        return {
          contents: `import ${JSON.stringify(entry)}\n${await readFile(path, 'utf8')}`,
          loader: extname(path).replace(/^\.m?/, '') as Loader
        }
      })
    }
  }
}
