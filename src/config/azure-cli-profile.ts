import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parse as parseIni } from 'ini'
import { isGuid } from '../identity/guid.js'

export interface AzureCliSubscription {
  readonly id: string
  readonly name: string
  readonly tenantId: string | undefined
}

/** What the Azure CLI remembers on disk. Nothing of it is secret: its tokens lie elsewhere and are not read. */
export interface AzureCliProfile {
  readonly directory: string
  readonly subscriptions: readonly AzureCliSubscription[]
  /** The subscription that `az` would use. */
  readonly selected: AzureCliSubscription | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads `azureProfile.json`, and where it selects nothing `clouds.config`, from `AZURE_CONFIG_DIR` or `~/.azure`.
 * A missing or unreadable file counts as an empty one: then nobody is logged in.
 */
export async function readAzureCliProfile(environment: Environment): Promise<AzureCliProfile> {
  const directory = environment.AZURE_CONFIG_DIR ?? join(environment.HOME ?? environment.USERPROFILE ?? homedir(), '.azure')
  const [profile, clouds, config] = await Promise.all(['azureProfile.json', 'clouds.config', 'config'].map(name => readText(join(directory, name))))
  const entries = profileEntries(profile ?? '')
  const subscriptions = entries.map(({ id, name, tenantId }) => ({ id: id.toLowerCase(), name: name ?? id, tenantId }))
  const byDefault = entries.findIndex(entry => entry.isDefault === true)
  const remembered = rememberedSubscription(clouds ?? '', config ?? '')
  const selected = subscriptions[byDefault] ?? subscriptions.find(({ id }) => id === remembered)
    ?? (remembered === undefined ? undefined : { id: remembered, name: remembered, tenantId: undefined })
  return { directory, subscriptions, selected }
}

interface ProfileEntry {
  readonly id: string
  readonly name?: string
  readonly tenantId?: string
  readonly isDefault?: boolean
}

function profileEntries(text: string): readonly ProfileEntry[] {
  try {
    // The Azure CLI writes the file with a byte order mark.
    const document = JSON.parse(text.replace(/^\uFEFF/, '')) as { subscriptions?: readonly Partial<ProfileEntry>[] } | null
    return (document?.subscriptions ?? []).filter((entry): entry is ProfileEntry => typeof entry.id === 'string' && isGuid(entry.id))
  } catch {
    return []
  }
}

/** `clouds.config` keeps one subscription for each cloud; `config` says which cloud is selected. */
function rememberedSubscription(clouds: string, config: string): string | undefined {
  const cloud = (parseIni(config).cloud as { name?: string } | undefined)?.name ?? 'AzureCloud'
  const id = (parseIni(clouds)[cloud] as { subscription?: string } | undefined)?.subscription
  return id !== undefined && isGuid(id) ? id.toLowerCase() : undefined
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
