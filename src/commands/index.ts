import type { Command } from 'commander'
import type { Io } from '../output/io.js'
import { versionCommand } from './version.js'

/** One verb or noun of the tool. Its module, and with it its SDKs, is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  readonly load: () => Promise<(io: Io) => Command>
}

/** The table of commands, in the order of the help. Adding one is a file and a row. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serviceaccount', alias: 'sa', summary: 'Connect Kubernetes service accounts to Azure identities, or take the connection away',
    load: async () => (await import('./serviceaccount/index.js')).serviceAccountCommand
  },
  { name: 'jwks', summary: 'Make the JSON Web Key Set of a cluster from its public keys', load: async () => (await import('./jwks.js')).jwksCommand },
  {
    name: 'sandbox', summary: 'Run a local cloud (Entra, Graph, ARM, Kubernetes) to try things in',
    load: async () => (await import('./sandbox/index.js')).sandboxCommand
  },
  {
    name: 'completion', summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.js')).completionCommand
  },
  { name: 'version', summary: 'Print the version', load: () => Promise.resolve(versionCommand) }
]
