/** Whether a text is a GUID as Azure writes ids: 32 hexadecimal digits in either case, with hyphens and without braces. */
export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
