/** RFC 3339 in whole seconds, as Kubernetes' `metav1.Time` and most of Graph are written. */
export function wholeSeconds(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}
