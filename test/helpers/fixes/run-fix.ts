import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installWorkloadIdentityWebhook } from '../../../sandbox/src/kubernetes/workload-identity-webhook.js'
import { azForms } from './az.js'
import { type Form, type Ground, match } from './form.js'
import { kubectlForms } from './kubectl.js'
import { splitLine } from './shell-line.js'

const forms: readonly Form[] = [
  ...kubectlForms,
  ...azForms,
  {
    pattern: 'azwi {…}',
    run: async (_values, ground, words) => {
      const { status, stdout, stderr } = await ground.run(...words)
      if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`)
      return stdout
    }
  },
  {
    pattern:
      'helm upgrade --install workload-identity-webhook workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts ' +
      '--namespace azure-workload-identity-system --create-namespace --set azureTenantID={tenant}',
    // The sandbox has only the webhook of AKS.
    run: ({ tenant = '' }, { sandbox: { state } }) => {
      installWorkloadIdentityWebhook(state)
      state.cluster.configMaps.get('kube-system/azure-wi-webhook-config')!.data = { AZURE_TENANT_ID: tenant }
      return Promise.resolve('')
    }
  },
  { pattern: 'printf %s {text}', run: ({ text = '' }) => Promise.resolve(text) }
]

/**
 * Runs a command line that azwi printed, as its tools do in the real cloud. `placeholders` holds the values for the words in angle brackets.
 *
 * @throws Error with the line if a shell would not accept it, no tool is known for it, or the tool fails.
 */
export async function runFix(
  ground: Ground,
  line: string,
  placeholders: Readonly<Record<string, string>> = {}
): Promise<void> {
  const { words: split, output } = splitLine(line)
  const words = split.map(word =>
    Object.entries(placeholders).reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), word)
  )
  const open = words.find(word => /<[^>]*>/.test(word))
  if (open !== undefined) throw new Error(`there is no value for ${open}: ${line}`)
  for (const { pattern, run } of forms) {
    const found = match(pattern, words)
    if (found === undefined) continue
    try {
      const printed = await run(found.values, ground, found.rest)
      if (output !== undefined) await writeFile(join(ground.directory, output), printed)
      return
    } catch (error) {
      throw new Error(`${line}\n${String(error)}`)
    }
  }
  throw new Error(`no known tool accepts this line: ${line}`)
}
