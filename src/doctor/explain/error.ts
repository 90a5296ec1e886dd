import { shellQuoted, UsageError } from '../../errors.js'
import { isGuid } from '../../domain/azure-ids.js'
import { parseServiceAccountSubject } from '../../domain/subject.js'
import { type Concern, entraErrors } from '../../domain/entra-errors.js'

/** The values that Entra names in the text of an error. */
export interface ErrorFacts {
  /** A GUID, or a name if Entra gives only that. */
  readonly tenant?: string
  readonly clientId?: string
  readonly issuer?: string
  readonly subject?: string
  readonly audience?: string
  readonly keyId?: string
  readonly resource?: string
}

/** An error of Entra in plain words. Each text is a sentence without a full stop. Only `facts` and `next` contain parts of the pasted text. */
export interface ExplainedError {
  /** `AADSTS` and digits. */
  readonly code: string
  /** Undefined for an unknown code, as is `cause`. */
  readonly meaning: string | undefined
  readonly cause: string | undefined
  /** Why the error might go away by itself. Undefined if it does not. */
  readonly passing: string | undefined
  readonly facts: ErrorFacts
  /** Shell lines to run next. A value that only the reader knows is a placeholder in `<angle brackets>`. */
  readonly next: readonly string[]
  /** The values that the lines need and the error does not name. */
  readonly needs: readonly string[]
}

/**
 * Explains the pasted text of an error. The text might be surrounded by a stack trace, the JSON of the answer or a log line.
 *
 * @throws UsageError if the text has no error code of Entra. The error does not repeat the text, because it might contain a token.
 */
export function explainError(text: string): ExplainedError {
  const code = findEntraCode(text)
  if (code === undefined) {
    const example = 'azwi doctor --error "AADSTS700213: No matching federated identity record found …"'
    throw new UsageError(
      "the text holds no error of Entra's, which has a number such as AADSTS700213",
      `paste the whole message: ${example}`
    )
  }
  const known = entraErrors[code]
  const facts = factsOf(text)
  const { next, needs } = nextSteps(known?.concern ?? 'request', facts)
  return {
    code,
    meaning: known?.meaning,
    cause: known?.cause,
    passing: known?.passing,
    facts,
    next,
    needs:
      known === undefined
        ? [`what ${code} means: https://login.microsoftonline.com/error?code=${code.slice('AADSTS'.length)}`, ...needs]
        : needs
  }
}

/**
 * Returns the code of Entra in a text, as `AADSTS` and digits: the first one that azwi explains, or else the first one. Returns undefined if the
 * text has none.
 */
export function findEntraCode(text: string): string | undefined {
  const pattern = /AADSTS(\d{4,})|error_codes\\*"\s*:\s*\[\s*(\d{4,})|[?&]code=(\d{4,})/gi
  const codes = [...text.matchAll(pattern)].map(
    ([, inText, inJson, inLink]) => `AADSTS${inText ?? inJson ?? inLink ?? ''}`
  )
  return codes.find(code => entraErrors[code] !== undefined) ?? codes[0]
}

const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

/** Match the values in Entra's texts. Newer texts put values in quotes, older ones do not. */
const patterns: Readonly<Record<keyof ErrorFacts, readonly RegExp[]>> = {
  issuer: [/assertion issuer:? '([^'\r\n]+)'/i, /metadata of identity provider '?(https:\/\/[^'\s]+?)'?\.?(?=\s|$)/i],
  subject: [/assertion subject:? '([^'\r\n]+)'/i],
  audience: [/assertion audience:? '([^'\r\n]+)'/i],
  keyId: [/certificate with identifier '?([^'\s]+?)'? used to sign/i],
  resource: [/resource principal named (\S+) was not found/i],
  clientId: [
    new RegExp(`(?:application with identifier|application|client|client_id|app id|app)[=:]? ?'?(${guid})`, 'i')
  ],
  tenant: [
    new RegExp(`(?:tenant|directory) '?(${guid})`, 'i'),
    new RegExp(`https://login\\.[\\w.]+/+(${guid})/`, 'i'),
    /found in the directory '([^'\r\n]+)'/i,
    /tenant '([^'\r\n]+)' not found/i
  ]
}

function factsOf(text: string): ErrorFacts {
  // .NET escapes quotes in JSON.
  const plain = text.replaceAll('\\u0027', "'")
  const found = Object.entries(patterns).map(
    ([name, expressions]) =>
      [name, expressions.map(expression => expression.exec(plain)?.[1]).find(value => value !== undefined)] as const
  )
  return Object.fromEntries(found.filter(([, value]) => value !== undefined))
}

function nextSteps(concern: Concern, facts: ErrorFacts): Pick<ExplainedError, 'next' | 'needs'> {
  const tenant = facts.tenant !== undefined && isGuid(facts.tenant) ? ['--tenant-id', facts.tenant] : []
  const account = parseServiceAccountSubject(facts.subject ?? '')
  const azwi = (...words: readonly string[]): string => ['azwi doctor', ...words.map(shellQuoted)].join(' ')
  const resource = concern === 'request' ? ['--resource', facts.resource ?? '<resource>'] : []
  const diagnosis = azwi(
    '-n',
    account?.namespace ?? '<namespace>',
    account?.name ?? '<service account>',
    ...tenant,
    ...resource
  )
  const client = ['--aad-application-client-id', facts.clientId ?? '<client id>']
  const printToken = `kubectl exec ${shellQuoted('<pod>')} --namespace ${shellQuoted(account?.namespace ?? '<namespace>')} -- cat /var/run/secrets/azure/tokens/azure-identity-token`
  const needs = [
    ...(account === undefined ? ['the service account: its namespace and its name'] : []),
    ...(facts.clientId === undefined ? ['the client id that was used: AZURE_CLIENT_ID in the pod'] : []),
    ...(tenant.length === 0 ? ['the tenant id that was used: AZURE_TENANT_ID in the pod'] : [])
  ]
  switch (concern) {
    case 'trust':
      return { next: [diagnosis, `${printToken} | ${azwi('--token-file', '-', ...client, ...tenant)}`], needs }
    case 'token':
      return {
        next: [`${printToken} | ${azwi('--token-file', '-')}`, diagnosis],
        needs: ['the token that was sent, or the pod that sent it', ...needs.slice(0, 1)]
      }
    case 'identity':
      return { next: [diagnosis], needs }
    case 'issuer':
      return {
        next: [diagnosis],
        needs: account === undefined ? ['any service account of the cluster, by its namespace and its name'] : []
      }
    case 'request':
      return {
        next: [diagnosis],
        needs: [...needs, ...(facts.resource === undefined ? ['the resource that a token was asked for'] : [])]
      }
    case 'login':
      return { next: [tenant.length === 0 ? 'az login' : `az login --tenant ${tenant.at(-1) ?? ''}`], needs: [] }
    case 'secret':
      return {
        next: [`az ad app credential reset --append --id ${shellQuoted(facts.clientId ?? '<client id>')}`],
        needs: []
      }
    case 'elsewhere':
      return { next: [], needs: [] }
  }
}
