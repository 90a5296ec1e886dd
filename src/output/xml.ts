/** Whatever is no character of XML 1.0 (section 2.2) may not stand in a document, not even as a reference. */
const noCharacter = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu

/** Text between tags. A character that XML cannot hold becomes U+FFFD. */
export function xmlText(text: string): string {
  return text.replace(noCharacter, '\uFFFD').replace(/[&<>\r]/g, reference)
}

/** An element around what is XML already, on a line of its own. Attributes keep their line breaks and tabs, which readers would make spaces (section 3.3.3). */
export function xmlElement(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${xmlText(String(value)).replace(/["\t\n]/g, reference)}"`)
    .join('')
  return content.length === 0 ? `<${name}${written}/>\n` : `<${name}${written}>${content.join('')}</${name}>\n`
}

const reference = (character: string): string => `&#${character.charCodeAt(0)};`
