/** The rules of RFC 1123 as Kubernetes implements them. Source: apimachinery, `IsDNS1123Label` and `IsDNS1123Subdomain`. */
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const maxLabelLength = 63
const maxSubdomainLength = 253

/** Returns the reason why a text is not a valid name of a namespace, as the end of a sentence that begins with the text, or undefined. */
export function namespaceProblem(text: string): string | undefined {
  return lengthProblem(text, maxLabelLength) ?? characterProblem(text, /^[-a-z0-9]*$/, "'-'") ?? edgeProblem(text)
}

/**
 * Returns the reason why a text is not a valid name of a service account, or undefined. Unlike the name of a namespace, it can contain
 * dots, and a part between dots can have any length.
 */
export function serviceAccountNameProblem(text: string): string | undefined {
  const problem = lengthProblem(text, maxSubdomainLength) ?? characterProblem(text, /^[-a-z0-9.]*$/, "'-', '.'")
  if (problem !== undefined) return problem
  if (text.split('.').includes('')) return 'has a dot at its beginning or end, or two in a row'
  return text
    .split('.')
    .map(edgeProblem)
    .find(found => found !== undefined)
}

function lengthProblem(text: string, maximum: number): string | undefined {
  if (text === '') return 'is empty'
  return text.length > maximum ? `has ${text.length} characters, and at most ${maximum} are allowed` : undefined
}

function characterProblem(text: string, allowed: RegExp, punctuation: string): string | undefined {
  return allowed.test(text) ? undefined : `may hold only lower-case letters, digits and ${punctuation}`
}

function edgeProblem(text: string): string | undefined {
  return label.test(text)
    ? undefined
    : 'must begin and end with a lower-case letter or a digit, in each part between dots'
}
