import { basename, dirname, resolve } from 'node:path'
import type { Metafile, Plugin } from 'esbuild'

/** A module that another one loads by `import()`. */
export interface LazyModule {
  readonly hasDefaultExport: boolean
  /** The modules of src/ that are loaded whenever this one is asked for, as absolute paths. */
  readonly loadedBefore: readonly string[]
}

const namespace = 'lazy'

/**
 * Returns the lazy modules of a first build with `splitting` and `metafile`, by absolute path. Throws if one of them is
 * CommonJS, because its exports cannot be passed on by name.
 */
export function lazyModules({ inputs, outputs }: Metafile): ReadonlyMap<string, LazyModule> {
  return new Map(
    [...chunksLoadedBefore(outputs)].map(([file, chunks]) => {
      const { entryPoint = file, exports } = outputs[file]!
      if (inputs[entryPoint]?.format === 'cjs')
        throw new Error(`${entryPoint} is CommonJS: re-export what is needed from a module in src/, and import() that`)
      const loadedBefore = [...chunks]
        .flatMap(chunk => Object.entries(outputs[chunk]!.inputs))
        .filter(([path, { bytesInOutput }]) => path.startsWith('src/') && bytesInOutput > 0)
        .map(([path]) => resolve(path))
      return [resolve(entryPoint), { hasDefaultExport: exports.includes('default'), loadedBefore }]
    })
  )
}

/**
 * Returns a plugin that keeps the number of chunks small. By itself esbuild writes one chunk for each set of entry
 * points that share a module, so that even `azwi version` would open nine files, at one to two milliseconds each.
 *
 * The plugin puts a module in front of each lazy one, which imports what is loaded by then anyway. esbuild then sees
 * that all these modules are loaded together, and writes them into one chunk. The lazy module itself does not change,
 * because other modules can import it statically, and esbuild loads a file only once, whichever import comes first.
 */
export function fewChunks(lazy: ReadonlyMap<string, LazyModule>): Plugin {
  return {
    name: 'few-chunks',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, kind, pluginData, namespace: from, importer, resolveDir }) => {
        if (kind !== 'dynamic-import' || pluginData === build) return undefined
        const found = await build.resolve(path, { kind, namespace: from, importer, resolveDir, pluginData: build })
        return lazy.has(found.path) ? { path: found.path, namespace } : found
      })
      build.onLoad({ filter: /./, namespace }, ({ path }) => {
        const { hasDefaultExport, loadedBefore } = lazy.get(path)!
        const module = JSON.stringify(`./${basename(path)}`)
        return {
          contents: [
            ...loadedBefore.map(file => `import ${JSON.stringify(file)}`),
            `export * from ${module}`,
            ...(hasDefaultExport ? [`export { default } from ${module}`] : [])
          ].join('\n'),
          resolveDir: dirname(path)
        }
      })
    }
  }
}

type Outputs = Metafile['outputs']

/**
 * Returns, for each lazy entry point, the chunks that are loaded whenever it is asked for: those that all its importers
 * have in common.
 */
function chunksLoadedBefore(outputs: Outputs): ReadonlyMap<string, ReadonlySet<string>> {
  const entries = Object.keys(outputs).filter(file => outputs[file]!.entryPoint !== undefined)
  const loads = new Map(entries.map(entry => [entry, staticallyLoaded(outputs, entry)]))
  const importers = new Map(
    entries.map(entry => [entry, entries.filter(other => isImportedLazily(outputs, loads.get(other)!, entry))])
  )
  // Nothing is loaded before an entry point that nothing imports: the program itself.
  const before = new Map(
    entries.filter(entry => importers.get(entry)!.length === 0).map(entry => [entry, new Set<string>()])
  )
  // Lazy modules load lazy modules. An importer that has no set yet does not count; afterwards sets only shrink, so
  // this ends.
  for (let changed = true; changed;) {
    changed = false
    for (const [entry, files] of importers) {
      const sets = files
        .filter(file => before.has(file))
        .map(file => new Set([...loads.get(file)!, ...before.get(file)!]))
      if (sets.length === 0) continue
      const common = new Set([...sets[0]!].filter(chunk => sets.every(set => set.has(chunk))))
      changed ||= before.get(entry)?.size !== common.size
      before.set(entry, common)
    }
  }
  return before
}

function isImportedLazily(outputs: Outputs, chunks: ReadonlySet<string>, entry: string): boolean {
  return [...chunks].some(chunk =>
    outputs[chunk]!.imports.some(({ kind, path }) => kind === 'dynamic-import' && path === entry)
  )
}

/** Returns the output file with all output files that it imports, directly or not. */
function staticallyLoaded(outputs: Outputs, file: string, found = new Set<string>()): Set<string> {
  if (found.has(file) || outputs[file] === undefined) return found
  found.add(file)
  for (const { kind, path } of outputs[file].imports)
    if (kind === 'import-statement') staticallyLoaded(outputs, path, found)
  return found
}
