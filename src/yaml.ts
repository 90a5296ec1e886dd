/** Re-exports the YAML functions that azwi uses. An ES module of its own, because esbuild splits CommonJS packages off without their names. */
export { parse, stringify } from 'yaml'
