import type { Command } from 'commander'
import { everyFormat, type OutputFormat } from '../terminal/format.js'
import type { Io } from '../terminal/io.js'
import { versionCommand } from './version.js'

/** One verb or noun of the tool. Its module, and with it its SDKs, is loaded only when it is called. */
export interface CommandEntry {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  /** What its `-o` takes, where that is more than every command's does. */
  readonly formats?: readonly OutputFormat[]
  /** What makes it: of the words that come after it, for those; without any, for all. */
  readonly load: () => Promise<(io: Io, words?: readonly string[]) => Command>
}

/** The table of commands, in the order of the help. Adding one is a file and a row. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'serviceaccount',
    alias: 'sa',
    summary: 'Connect Kubernetes service accounts to Azure identities, or take the connection away',
    load: async () => (await import('./serviceaccount/index.js')).serviceAccountCommand
  },
  {
    name: 'doctor',
    summary: 'Find out why a workload gets no token, and what mends it',
    formats: everyFormat,
    load: async () => (await import('./doctor/index.js')).doctorCommand
  },
  {
    name: 'jwks',
    summary: 'Make the JSON Web Key Set of a cluster from its public keys',
    load: async () => (await import('./jwks.js')).jwksCommand
  },
  {
    name: 'sandbox',
    summary: 'Run a local cloud (Entra, Graph, ARM, Kubernetes) to try things in',
    load: async () => (await import('./sandbox/index.js')).sandboxCommand
  },
  {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    load: async () => (await import('./completion.js')).completionCommand
  },
  { name: 'version', summary: 'Print the version', load: () => Promise.resolve(versionCommand) }
]
