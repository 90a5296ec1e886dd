import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'ini'
import { isGuid } from '../domain/azure-ids.js'

/** A subscription in the Azure CLI's profile. */
export interface AzureCliSubscription {
  readonly id: string
  readonly name: string
  readonly tenantId: string | undefined
}

/** The Azure CLI's configuration on disk. It contains no secrets: azwi does not read the files with tokens. */
export interface AzureCliProfile {
  readonly directory: string
  readonly subscriptions: readonly AzureCliSubscription[]
  /** The subscription that `az` would use. */
  readonly selected: AzureCliSubscription | undefined
  /** The name of the cloud that `az` would use, if one is selected. `AZURE_CLOUD_NAME` overrides the file, as in `az`. */
  readonly cloudName: string | undefined
  /** The endpoints of that cloud, if it was added with `az cloud register`. */
  readonly cloudEndpoints: Readonly<Record<string, string>>
  /** The endpoints of all clouds that were added with `az cloud register`, by name. */
  readonly registeredClouds: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** A file that exists and cannot be read, so that the values above might be incomplete. */
  readonly broken: BrokenFile | undefined
}

/** A file that cannot be read or parsed. */
interface BrokenFile {
  readonly file: string
  readonly reason: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads `azureProfile.json`, `clouds.config` and `config` from `AZURE_CONFIG_DIR` or `~/.azure`.
 * It treats a missing or broken file as empty, because other logins do not need it.
 */
export async function readAzureCliProfile(environment: Environment): Promise<AzureCliProfile> {
  const directory =
    firstGiven(environment.AZURE_CONFIG_DIR) ??
    join(firstGiven(environment.HOME, environment.USERPROFILE) ?? homedir(), '.azure')
  const [profile, clouds, config] = await Promise.all([
    readParsed(join(directory, 'azureProfile.json'), profileEntries),
    readParsed(join(directory, 'clouds.config'), parseIni),
    readParsed(join(directory, 'config'), parseIni)
  ])
  const entries = profile.content ?? []
  const subscriptions = entries.map(({ id, name, tenantId }) => ({ id: id.toLowerCase(), name: name ?? id, tenantId }))
  const defaultIndex = entries.findIndex(entry => entry.isDefault === true)
  // Source: "Azure CLI configuration", which names the variables AZURE_{section}_{name}.
  const cloudName =
    firstGiven(environment.AZURE_CLOUD_NAME) ?? (config.content?.cloud as { name?: string } | undefined)?.name
  const cloudSections = (clouds.content ?? {}) as Readonly<Record<string, Readonly<Record<string, string>>>>
  const cloudSection = cloudSections[cloudName ?? 'AzureCloud'] ?? {}
  const remembered = guidIn(cloudSection.subscription)
  const selected =
    subscriptions[defaultIndex] ??
    subscriptions.find(({ id }) => id === remembered) ??
    (remembered === undefined ? undefined : { id: remembered, name: remembered, tenantId: undefined })
  const broken = profile.broken ?? clouds.broken ?? config.broken
  return {
    directory,
    subscriptions,
    selected,
    cloudName,
    cloudEndpoints: cloudSection,
    registeredClouds: Object.fromEntries(
      Object.entries(cloudSections).filter(([, section]) => typeof section.endpoint_active_directory === 'string')
    ),
    broken
  }
}

interface ProfileEntry {
  readonly id: string
  readonly name?: string
  readonly tenantId?: string
  readonly isDefault?: boolean
}

function profileEntries(text: string): readonly ProfileEntry[] {
  // The Azure CLI writes the file with a byte order mark.
  const listed = (JSON.parse(text.replace(/^\uFEFF/, '')) as { subscriptions?: unknown } | null)?.subscriptions
  const entries = (Array.isArray(listed) ? listed : []) as readonly (Partial<ProfileEntry> | null)[]
  return entries.filter((entry): entry is ProfileEntry => typeof entry?.id === 'string' && isGuid(entry.id))
}

/** The names of clouds can contain dots. The library takes a dot in the name of a section for a nested section. */
const parseIni = (text: string): Record<string, unknown> =>
  parse(text.replace(/^\[(.*)\]\s*$/gm, (_line, name: string) => `[${name.replaceAll('.', '\\.')}]`))

const guidIn = (text: string | undefined): string | undefined =>
  text !== undefined && isGuid(text) ? text.toLowerCase() : undefined

async function readParsed<Content>(
  file: string,
  parse: (text: string) => Content
): Promise<{ readonly content?: Content; readonly broken?: BrokenFile }> {
  try {
    return { content: parse(await readFile(file, 'utf8')) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? {} : { broken: { file, reason: code ?? message } }
  }
}

/** Returns the first value that is neither undefined nor empty. CI systems and shells set a variable to the empty text for "not set". */
export function firstGiven(...values: readonly (string | undefined)[]): string | undefined {
  return values.find(value => value !== undefined && value !== '')
}
