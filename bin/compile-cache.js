const { lstatSync, mkdirSync, statSync } = require('node:fs')
const nodeModule = require('node:module')
const { homedir } = require('node:os')
const { isAbsolute, join } = require('node:path')

module.exports = { compileCacheDirectory, enableCompileCache }

/**
 * Lets Node keep the compiled code of the bundle, which saves a tenth of a command's CPU time (Node 22.1 and later;
 * Node 20 has no such cache).
 *
 * Node runs what it reads from that folder, and does not check who wrote it. Its default folder is under the temporary
 * directory and has a predictable name, so another user of the machine could create it first. azwi uses a folder of
 * this user only, and no cache without one.
 */
function enableCompileCache() {
  if (nodeModule.enableCompileCache === undefined) return
  const directory = compileCacheDirectory(process.env)
  if (directory !== undefined) nodeModule.enableCompileCache(directory)
}

/**
 * Returns azwi's folder in the cache folder of this user, and creates it if need be. Returns undefined if others could
 * have written to it.
 */
function compileCacheDirectory(environment) {
  try {
    // Windows has no mode bits: the access list of %LOCALAPPDATA% keeps other users out.
    if (process.platform === 'win32') return environment.LOCALAPPDATA && join(environment.LOCALAPPDATA, 'azwi', 'cache')
    const directory = join(cacheHome(environment), 'azwi')
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const found = lstatSync(directory)
    return found.isDirectory() && isOurs(found) && (found.mode & 0o777) === 0o700 ? directory : undefined
  } catch {
    return undefined
  }
}

/**
 * Source: the XDG Base Directory Specification, which says to ignore a relative path. Throws if the home directory is
 * another user's, as with `sudo -E`.
 */
function cacheHome({ XDG_CACHE_HOME: named }) {
  if (named !== undefined && isAbsolute(named)) return named
  const home = homedir()
  if (!isOurs(statSync(home))) throw new Error(`${home} belongs to another user`)
  return join(home, '.cache')
}

function isOurs({ uid }) {
  return uid === process.getuid()
}
