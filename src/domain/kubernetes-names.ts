/** RFC 1123 as Kubernetes reads it (apimachinery, `IsDNS1123Label` and `IsDNS1123Subdomain`). */
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const longestLabel = 63
const longestSubdomain = 253

/** Why a text cannot be the name of a namespace, as the end of a sentence that begins with the text; undefined where it can. */
export function namespaceProblem(text: string): string | undefined {
  return lengthProblem(text, longestLabel) ?? characterProblem(text, /^[-a-z0-9]*$/, "'-'") ?? edgeProblem(text)
}

/** The same for the name of a service account. Unlike a namespace it may have dots, and a part between dots may be of any length. */
export function serviceAccountNameProblem(text: string): string | undefined {
  const problem = lengthProblem(text, longestSubdomain) ?? characterProblem(text, /^[-a-z0-9.]*$/, "'-', '.'")
  if (problem !== undefined) return problem
  if (text.split('.').includes('')) return 'has a dot at its beginning or end, or two in a row'
  return text
    .split('.')
    .map(edgeProblem)
    .find(found => found !== undefined)
}

function lengthProblem(text: string, longest: number): string | undefined {
  if (text === '') return 'is empty'
  return text.length > longest ? `has ${text.length} characters, and at most ${longest} are allowed` : undefined
}

function characterProblem(text: string, allowed: RegExp, marks: string): string | undefined {
  return allowed.test(text) ? undefined : `may hold only lower-case letters, digits and ${marks}`
}

function edgeProblem(text: string): string | undefined {
  return label.test(text)
    ? undefined
    : 'must begin and end with a lower-case letter or a digit, in each part between dots'
}
