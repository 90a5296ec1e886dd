export interface ParsedElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly ParsedElement[]
  /** The text of the element. With children, only the white space between them. */
  readonly text: string
}

interface Open {
  name: string
  attributes: Record<string, string>
  children: Open[]
  text: string
}

/**
 * Parses the XML that azwi writes: elements, attributes in double quotes, text and references. Throws if it is not well-formed, such as for a bare `&`,
 * an unclosed tag or a duplicate attribute.
 */
export function parseXml(xml: string): ParsedElement {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
  if (!xml.startsWith(declaration)) throw new Error('there is no declaration')
  const document: Open = { name: '', attributes: {}, children: [], text: '' }
  const open = [document]
  for (const [token] of xml.slice(declaration.length).matchAll(/<[^<>]*>|[^<>]+|[<>]/g)) {
    const current = open.at(-1)!
    const closing = /^<\/(\w[-\w]*)>$/.exec(token)
    const opening = /^<(\w[-\w]*)((?: [\w-]+="[^"<]*")*)(\/?)>$/.exec(token)
    if (closing !== null) {
      if (current === document || closing[1] !== current.name) throw new Error(`${token} closes ${current.name}`)
      open.pop()
    } else if (opening !== null) {
      const element: Open = { name: opening[1]!, attributes: attributesOf(opening[2]!), children: [], text: '' }
      current.children.push(element)
      if (opening[3] === '') open.push(element)
    } else {
      if (/[<>]/.test(token)) throw new Error(`${token} is no tag`)
      current.text += resolved(token)
    }
  }
  const [root, second] = document.children
  if (open.length > 1 || root === undefined || second !== undefined || document.text.trim() !== '')
    throw new Error('it is not one element')
  return root
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  // XML 1.0, section 3.3.3: white space that is not a reference becomes a space.
  for (const [, key = '', value = ''] of text.matchAll(/ ([\w-]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`${key} is there twice`)
    attributes[key] = resolved(value.replace(/[\t\n]/g, ' '))
  }
  return attributes
}

/** Resolves references and normalizes line ends (XML 1.0, section 2.11). */
function resolved(text: string): string {
  if (/&(?!#\d+;)/.test(text)) throw new Error(`there is a bare & in ${text}`)
  return text.replace(/\r\n?/g, '\n').replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}
