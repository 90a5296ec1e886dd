import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { digestOfInputs, writeStamp } from './build-stamp.js'
import { constantAnswers } from './constant-answers.js'
import { fewChunks, lazyModules } from './lazy-modules.js'
import { leanBuiltins } from './lean-builtins.js'
import { leanPackages } from './lean-packages.js'
import { bundledPackages, notices } from './notices.js'

/**
 * Builds dist/: the bundle of src/, split so that a command loads only the SDKs that it uses; `jwks` a second time; the
 * sandbox; the answers that never change; and the licences of the bundled packages. ARCHITECTURE.md, "Starting at
 * once", gives the reasons.
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
  // Packages check whether a body is a FormData. None of ours is, and the check makes Node load fetch, which takes 25
  // ms.
  define: { FormData: 'undefined' },
  logLevel: 'warning'
} as const satisfies BuildOptions
const modules = {
  ...common,
  format: 'esm',
  // Some SDKs are CommonJS and require Node's built-in modules.
  banner: { js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' }
} as const satisfies BuildOptions
const split = {
  ...modules,
  entryPoints: [entryPoint],
  splitting: true,
  // The names are no interface, but make stack traces readable.
  chunkNames: '[name]-[hash]'
} as const satisfies BuildOptions
const splitPlugins: Plugin[] = [
  leanBuiltins,
  ...leanPackages,
  // The sandbox is a bundle of its own. Otherwise the modules that it shares with the tool would become chunks that
  // every command opens.
  {
    name: 'sandbox-apart',
    setup: build => {
      build.onResolve({ filter: /^azwi-sandbox$/ }, () => ({ path: './sandbox.js', external: true }))
    }
  }
]

const yamlModule = 'src/yaml.ts'
/**
 * Of the modules that main.ts loads lazily, includes the one of jwks and refers to the YAML package as a file of its own.
 * The others stay outside, because this bundle never runs another command.
 */
const jwksOnly: Plugin = {
  name: 'jwks-only',
  setup: build => {
    const outside = new Set<string>()
    build.onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      const file = relative('.', resolve(resolveDir, path.replace(/\.js$/, '.ts')))
      if (file === join('src', 'commands', 'jwks.ts')) return undefined
      outside.add(file)
      return { path: file === join(yamlModule) ? './yaml.cjs' : './main.js', external: true }
    })
    build.onEnd(() => {
      if (!outside.has(join(yamlModule))) throw new Error(`jwks no longer loads ${yamlModule} lazily`)
    })
  }
}

// Computed before the build reads anything: if a source changes during the build, dist/ has to count as stale.
const digest = await digestOfInputs('.')
await rm('dist', { recursive: true, force: true })
const { metafile: firstMetafile } = await build({ ...split, plugins: splitPlugins, write: false })
const tool = await build({ ...split, plugins: [fewChunks(lazyModules(firstMetafile)), ...splitPlugins] })
// One CommonJS file with jwks: Node 20 takes ten milliseconds to load an ES module that loads another one. Other
// commands fall back to main.js.
await build({
  ...common,
  entryPoints: { jwks: entryPoint, yaml: yamlModule },
  format: 'cjs',
  minifyIdentifiers: true,
  outExtension: { '.js': '.cjs' },
  plugins: [leanBuiltins, ...leanPackages, jwksOnly]
})
const sandbox = await build({ ...modules, entryPoints: { sandbox: 'sandbox/src/sandbox.ts' } })
await nameStartUpChunk(tool.metafile)
await writeFile('dist/answers.json', JSON.stringify(await constantAnswers()))
await writeFile(
  'dist/NOTICES.txt',
  await notices(bundledPackages(tool.metafile, sandbox.metafile), path => readFile(path, 'utf8'))
)
await copyFile('src/workloads/schema.json', 'dist/workloads.schema.json')
await writeStamp('.', digest)

/**
 * Renames the start-up chunk to main.js. esbuild writes an entry point that only re-exports this chunk, which would be
 * one more file to load.
 */
async function nameStartUpChunk({ outputs }: Metafile): Promise<void> {
  const [chunk] = outputs['dist/main.js']?.imports.map(({ path }) => basename(path)) ?? []
  if (chunk === undefined) throw new Error('dist/main.js imports no chunk, so there is no start-up chunk to rename')
  await rename(join('dist', chunk), 'dist/main.js')
  for (const file of (await readdir('dist')).filter(name => name.endsWith('.js'))) {
    const text = await readFile(join('dist', file), 'utf8')
    await writeFile(join('dist', file), text.replaceAll(`"./${chunk}"`, '"./main.js"'))
  }
}
