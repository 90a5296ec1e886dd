/** A value as a shell takes it for one word and changes nothing: in single quotes, which keep everything but themselves (POSIX shell, 2.2.2), where it needs them. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
