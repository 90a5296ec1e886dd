import { builtinModules, createRequire } from 'node:module'
import type { Plugin } from 'esbuild'

const require = createRequire(import.meta.url)
const namespace = 'builtin'
const isName = /^[A-Za-z_$][\w$]*$/

/**
 * A plugin that gets Node's built-in modules from `process.getBuiltinModule`. For an `import` of a built-in module Node
 * 20 creates an ES module that copies every export, which takes a millisecond for each import.
 */
export const leanBuiltins: Plugin = {
  name: 'lean-builtins',
  setup(build) {
    build.onResolve(
      { filter: new RegExp(`^(node:)?(${builtinModules.map(name => name.replaceAll('/', '\\/')).join('|')})$`) },
      ({ path, kind, importer }) =>
        // A separate module for each importer. A shared one would become a chunk of its own.
        kind === 'import-statement'
          ? { path: importer, suffix: `#${path.replace(/^node:/, '')}`, namespace, sideEffects: false }
          : undefined
    )
    build.onLoad({ filter: /./, namespace }, ({ suffix }) => {
      const path = suffix.slice(1)
      const names = Object.keys(require(`node:${path}`) as object).filter(
        name => name !== 'default' && isName.test(name)
      )
      const all = names.map(
        (name, index) =>
          `const _${index} = /* @__PURE__ */ get(${JSON.stringify(name)}); export { _${index} as ${name} };`
      )
      return {
        contents: [
          `const own = process.getBuiltinModule("node:${path}"); const get = name => own[name]; export default own;`,
          ...all
        ].join('\n')
      }
    })
  }
}
