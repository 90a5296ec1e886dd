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
    // The sandbox has one place for it, which is AKS's.
    run: ({ tenant = '' }, { sandbox: { state } }) => {
      installWorkloadIdentityWebhook(state)
      state.cluster.configMaps.get('kube-system/azure-wi-webhook-config')!.data = { AZURE_TENANT_ID: tenant }
      return Promise.resolve('')
    }
  },
  { pattern: 'printf %s {text}', run: ({ text = '' }) => Promise.resolve(text) }
]

/**
 * Runs a line that azwi printed to be pasted, as the tools in it would against the real thing. `placeholders` are what a reader would put in the
 * place of what stands in angle brackets.
 *
 * @throws Error with the line, where a shell would not take it, no tool would, or the tool fails.
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
  if (open !== undefined) throw new Error(`nothing was given for ${open}: ${line}`)
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
  throw new Error(`this line is of no form that there is: ${line}`)
}
