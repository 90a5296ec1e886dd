/** A module of our own, since a bundler splits off ES modules with their names, and CommonJS ones without. */
export { parse, stringify } from 'yaml'
