/** An instant as RFC 5322 section 3.3 writes it, in UTC. */
export function mailDate(date: Date): string {
  return date.toUTCString().replace(/GMT$/, "+0000");
}
