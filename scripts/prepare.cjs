// npm runs this after `npm ci` in a checkout, and before it packs the package. It is plain JavaScript because it also
// runs without the development dependencies (`npm ci --omit=dev`); then there is nothing to build with, and it does
// nothing.
const { spawnSync } = require('node:child_process')
const { join } = require('node:path')

const tsx = resolveTool('tsx/cli')
if (tsx !== undefined && resolveTool('esbuild') !== undefined) {
  const { status } = spawnSync(process.execPath, [tsx, join(__dirname, 'build.ts')], {
    cwd: join(__dirname, '..'),
    stdio: 'inherit'
  })
  process.exitCode = status ?? 1
}

/** Returns the file of a development dependency, or undefined if it is not installed. */
function resolveTool(name) {
  try {
    return require.resolve(name)
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}
