import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/**
 * Plugins that leave out what packages load and azwi never uses. If a package changes, its plugin throws or has no
 * effect.
 */
export const leanPackages: readonly Plugin[] = [
  /** commander loads node:child_process for subcommands that are separate executables. azwi has none. */
  {
    name: 'commander-without-child-processes',
    setup(build) {
      build.onLoad({ filter: /\/commander\/lib\/command\.js$/ }, async ({ path }) => {
        const eager = "const childProcess = require('node:child_process');"
        const contents = await readFile(path, 'utf8')
        if (!contents.includes(eager)) throw new Error(`${path} no longer contains: ${eager}`)
        return {
          contents: contents.replace(
            eager,
            'const childProcess = { get spawn() { return require("node:child_process").spawn } };'
          )
        }
      })
    }
  },
  /**
   * The modules of this package have no side effects, but its package.json does not declare that. Without the
   * declaration KubeConfig would include two megabytes of API classes.
   */
  {
    name: 'kubernetes-in-parts',
    setup(build) {
      build.onResolve(
        { filter: /^@kubernetes\/client-node$|^\./ },
        async ({ path, kind, pluginData, importer, resolveDir }) => {
          if (pluginData !== undefined || (path.startsWith('.') && !importer.includes('/@kubernetes/client-node/')))
            return undefined
          return {
            ...(await build.resolve(path, { importer, resolveDir, kind, pluginData: 'resolved' })),
            sideEffects: false
          }
        }
      )
    }
  },
  /**
   * Node has fetch since version 18, but loads it at the first mention of one of its names, which takes 25 ms. The
   * Kubernetes SDK only mentions them.
   */
  {
    name: 'native-fetch',
    setup(build) {
      const contents =
        'export default (...all) => fetch(...all); class Stub {}; export { Stub as Headers, Stub as AbortError, Stub as FetchError }'
      build.onLoad({ filter: /\/node_modules\/node-fetch\// }, () => ({ contents }))
    }
  },
  /** Needed only for a login with a certificate, and for SOCKS proxies. */
  loadedWhenUsed('jsonwebtoken', 'export default { sign: (...all) => load().sign(...all) }'),
  loadedWhenUsed(
    'socks-proxy-agent',
    'export class SocksProxyAgent { constructor(...all) { return new (load().SocksProxyAgent)(...all) } }'
  )
]

/** Returns a plugin that replaces a CommonJS package by a module that loads the package when it is first used. */
function loadedWhenUsed(name: string, contents: string): Plugin {
  return {
    name: `${name}-when-used`,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$`) }, ({ kind, resolveDir }) =>
        kind === 'import-statement' ? { path: name, namespace: `${name}-when-used`, pluginData: resolveDir } : undefined
      )
      build.onLoad({ filter: /./, namespace: `${name}-when-used` }, ({ pluginData }) => ({
        contents: `const load = () => require('${name}'); ${contents}`,
        resolveDir: pluginData as string
      }))
    }
  }
}
