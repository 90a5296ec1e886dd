/** The one GUID that a text holds beside other characters, such as white space, quotes or braces. */
export function guidIn(text: string): string | undefined {
  const found = text.match(/(?<![\da-z-])[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\da-z-])/gi) ?? []
  return found.length === 1 ? found[0] : undefined
}
