import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { digestOfInputs, writeStamp } from './build-stamp.js'
import { constantAnswers } from './constant-answers.js'
import { fewChunks, lazyModules } from './lazy-modules.js'
import { leanBuiltins } from './lean-builtins.js'
import { leanPackages } from './lean-packages.js'
import { bundledPackages, notices } from './notices.js'

/**
 * Bundles src/ into dist/, split so that a verb loads only the SDKs that it uses; writes down the answers that never change; gathers the licences
 * of what went in.
 */

const entryPoint = 'src/main.ts'
const common = {
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  metafile: true,
  mainFields: ['module', 'main'],
  // Packages ask whether a body is one; none of ours is, and to ask makes Node load its fetch, which takes longer than a login.
  define: { FormData: 'undefined' },
  logLevel: 'warning'
} as const satisfies BuildOptions
const modules = {
  ...common,
  format: 'esm',
  // Some of the SDKs are CommonJS and `require` what is built into Node.
  banner: { js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' }
} as const satisfies BuildOptions
const split = {
  ...modules,
  entryPoints: [entryPoint],
  splitting: true,
  // The file names of chunks are not an interface, but a stack trace should say which one it came from.
  chunkNames: '[name]-[hash]'
} as const satisfies BuildOptions
const splitPlugins: Plugin[] = [
  leanBuiltins,
  ...leanPackages,
  // A bundle of its own: shared modules would become chunks that every command has to open.
  {
    name: 'sandbox-apart',
    setup: build => {
      build.onResolve({ filter: /^azwi-sandbox$/ }, () => ({ path: './sandbox.js', external: true }))
    }
  }
]

// Before anything is read: a source that changes during the build must leave it stale.
const digest = await digestOfInputs('.')
await rm('dist', { recursive: true, force: true })
const { metafile: firstMetafile } = await build({ ...split, plugins: splitPlugins, write: false })
const tool = await build({ ...split, plugins: [fewChunks(lazyModules(firstMetafile)), ...splitPlugins] })
// The verb of shell loops by itself, in one CommonJS file: Node 20 takes ten milliseconds to get at one ES module that loads another.
await build({
  ...common,
  entryPoints: { jwks: entryPoint, yaml: 'src/config/yaml.ts' },
  format: 'cjs',
  minifyIdentifiers: true,
  outExtension: { '.js': '.cjs' },
  plugins: [
    leanBuiltins,
    ...leanPackages,
    {
      name: 'jwks-alone',
      setup: build => {
        build.onResolve({ filter: /\/(serviceaccount|sandbox|doctor)\/index\.js$|\/completion\.js$/ }, () => ({
          path: './main.js',
          external: true
        }))
        build.onResolve({ filter: /\/config\/yaml\.js$/ }, () => ({ path: './yaml.cjs', external: true }))
      }
    }
  ]
})
const sandbox = await build({ ...modules, entryPoints: { sandbox: 'sandbox/src/index.ts' } })
await nameStartUpChunk(tool.metafile)
await writeFile('dist/answers.json', JSON.stringify(await constantAnswers()))
await writeFile(
  'dist/NOTICES.txt',
  await notices(bundledPackages(tool.metafile, sandbox.metafile), path => readFile(path, 'utf8'))
)
await copyFile('src/workloads/schema.json', 'dist/workloads.schema.json')
await writeStamp('.', digest)

/** The entry point is left as a file that only points to the start-up chunk; the chunk takes its place, which spares a file more. */
async function nameStartUpChunk({ outputs }: Metafile): Promise<void> {
  const [chunk] = outputs['dist/main.js']?.imports.map(({ path }) => basename(path)) ?? []
  if (chunk === undefined) throw new Error('dist/main.js imports nothing: where is the start-up chunk?')
  await rename(join('dist', chunk), 'dist/main.js')
  for (const file of (await readdir('dist')).filter(name => name.endsWith('.js'))) {
    const text = await readFile(join('dist', file), 'utf8')
    await writeFile(join('dist', file), text.replaceAll(`"./${chunk}"`, '"./main.js"'))
  }
}
