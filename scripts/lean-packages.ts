import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** What packages would load and azwi never uses. Each rule throws, or is without effect, where the package is no longer as it was. */
export const leanPackages: readonly Plugin[] = [
  /** Loaded by commander for subcommands that are executables of their own, of which there are none here. */
  {
    name: 'commander-without-child-processes',
    setup(build) {
      build.onLoad({ filter: /\/commander\/lib\/command\.js$/ }, async ({ path }) => {
        const eager = "const childProcess = require('node:child_process');"
        const contents = await readFile(path, 'utf8')
        if (!contents.includes(eager)) throw new Error(`${path} no longer says: ${eager}`)
        return {
          contents: contents.replace(
            eager,
            'const childProcess = { get spawn() { return require("node:child_process").spawn } };'
          )
        }
      })
    }
  },
  /** Its modules have no side effects, but its package.json does not say so: then KubeConfig alone would bring along two megabytes of API classes. */
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
  /** Node has had fetch of its own since 18. Asking for its names loads it, which takes 25 ms; the SDK of Kubernetes only mentions them. */
  {
    name: 'native-fetch',
    setup(build) {
      const contents =
        'export default (...all) => fetch(...all); class Stub {}; export { Stub as Headers, Stub as AbortError, Stub as FetchError }'
      build.onLoad({ filter: /\/node_modules\/node-fetch\// }, () => ({ contents }))
    }
  },
  /** For certificates, and for SOCKS proxies. */
  loadedWhenUsed('jsonwebtoken', 'export default { sign: (...all) => load().sign(...all) }'),
  loadedWhenUsed(
    'socks-proxy-agent',
    'export class SocksProxyAgent { constructor(...all) { return new (load().SocksProxyAgent)(...all) } }'
  )
]

/** In place of a CommonJS package that its importers load at once, a module that loads it on its first use. */
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
